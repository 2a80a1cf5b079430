package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Checks the imports of all packages against the two tables in {@code package-info.java}. */
class ImportTableTest {

    private static final String ROOT = "dev.crier";

    /** A package and the packages that it may import. */
    private static final Pattern IMPORTS =
            Pattern.compile("^ \\*\\s+([\\w.]+) -> ([\\w. ,]+|the JDK)$", Pattern.MULTILINE);

    /** A package and the classes of Netty, or internal ones of Vert.x, that it may use. */
    private static final Pattern INTERNALS = Pattern.compile("^ \\*\\s+([\\w.]+): ([\\w., ]+)$", Pattern.MULTILINE);

    private static final Pattern INTERNAL =
            Pattern.compile("io\\.netty\\..+|io\\.vertx\\..+\\.(impl|internal)(\\..+)?");

    private static JavaClasses classes;
    private static Map<String, Set<String>> imports;
    private static Map<String, Set<String>> internals;

    @BeforeAll
    static void read() throws Exception {
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false); // names are enough
        classes = new ClassFileImporter().importPath(Path.of("target/classes/dev/crier"));
        String text = Files.readString(Path.of("src/main/java/dev/crier/package-info.java"));
        imports = table(text, IMPORTS);
        internals = table(text, INTERNALS);
    }

    private static Map<String, Set<String>> table(String text, Pattern row) {
        return row.matcher(text)
                .results()
                .collect(Collectors.toMap(
                        match -> match.group(1), match -> Set.of(match.group(2).split(", "))));
    }

    /** Returns the name of the package below the root; "" for the root and for classes that are not Crier's. */
    private static String packageOf(JavaClass javaClass) {
        String name = javaClass.getPackageName();
        return name.startsWith(ROOT + ".") ? name.substring(ROOT.length() + 1) : "";
    }

    private static Stream<Dependency> dependencies() {
        return classes.stream().flatMap(origin -> origin.getDirectDependenciesFromSelf().stream());
    }

    @Test
    void everyPackageHasARowInTheTable() {
        Set<String> packages = classes.stream()
                .map(ImportTableTest::packageOf)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(packages, new TreeSet<>(imports.keySet()));
    }

    @Test
    void packagesImportOnlyWhatTheTableAllows() {
        List<String> violations = dependencies()
                .filter(dependency -> !packageOf(dependency.getOriginClass()).isEmpty())
                .filter(dependency -> !isAllowed(dependency))
                .map(Dependency::getDescription)
                .toList();
        assertEquals(List.of(), violations);
    }

    private static boolean isAllowed(Dependency dependency) {
        String origin = packageOf(dependency.getOriginClass());
        JavaClass target = dependency.getTargetClass();
        Set<String> allowed = imports.getOrDefault(origin, Set.of());
        if (target.getPackageName().startsWith(ROOT)) {
            return packageOf(target).equals(origin) || allowed.contains(packageOf(target));
        }
        return !allowed.contains("the JDK") || target.getPackageName().startsWith("java");
    }

    @Test
    void onlyTransportUsesNettyAndInternalsOfVertx() {
        Set<String> violations = dependencies()
                .filter(dependency -> !packageOf(dependency.getOriginClass()).startsWith("transport"))
                .filter(dependency -> INTERNAL.matcher(targetName(dependency)).matches())
                .filter(dependency -> !mayUse(packageOf(dependency.getOriginClass()), targetName(dependency)))
                .map(dependency -> dependency.getOriginClass().getName() + " uses " + targetName(dependency))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), violations);
    }

    @Test
    void everyExceptionForNettyAndInternalsOfVertxIsNeeded() {
        Set<String> unused = internals.entrySet().stream()
                .flatMap(row -> row.getValue().stream().map(name -> row.getKey() + ": " + name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertFalse(unused.isEmpty());
        dependencies()
                .map(dependency -> packageOf(dependency.getOriginClass()) + ": " + simpleName(targetName(dependency)))
                .forEach(unused::remove);
        assertEquals(Set.of(), unused);
    }

    private static boolean mayUse(String origin, String target) {
        return internals.getOrDefault(origin, Set.of()).contains(simpleName(target));
    }

    private static String targetName(Dependency dependency) {
        return dependency.getTargetClass().getBaseComponentType().getName();
    }

    private static String simpleName(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }

    @Test
    void onlyTheBusUsesTheEventBus() {
        List<String> violations = classes.stream()
                .filter(origin -> !packageOf(origin).equals("bus"))
                .flatMap(origin -> origin.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().getName().equals("io.vertx.core.eventbus.EventBus"))
                .map(Object::toString)
                .toList();
        assertEquals(List.of(), violations);
        assertFalse(classes.get("dev.crier.bus.Bus").getMethodCallsFromSelf().isEmpty());
    }
}
