package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the code to the table in {@code package-info.java}. */
class ImportTableTest {

    private static final String ROOT = "dev.crier";
    private static final Pattern ROW = Pattern.compile("^ \\*\\s+([\\w.]+) -> ([\\w. ,]+|the JDK)$", Pattern.MULTILINE);

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    private static Map<String, Set<String>> table() throws Exception {
        String text = Files.readString(Path.of("src/main/java/dev/crier/package-info.java"));
        return ROW.matcher(text)
                .results()
                .collect(Collectors.toMap(
                        row -> row.group(1), row -> Set.of(row.group(2).split(", "))));
    }

    private static String room(JavaClass javaClass) {
        Matcher name = Pattern.compile("dev\\.crier\\.([\\w.]+)").matcher(javaClass.getPackageName());
        return name.matches() ? name.group(1) : "";
    }

    @Test
    void everyRoomStandsInTheTable() throws Exception {
        Set<String> rooms = classes.stream()
                .map(ImportTableTest::room)
                .filter(room -> !room.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
        assertFalse(rooms.isEmpty());
        rooms.removeAll(table().keySet());
        assertEquals(Set.of(), rooms);
    }

    @Test
    void importsRunOnlyAsTheTableSays() throws Exception {
        Map<String, Set<String>> table = table();
        List<String> strays = classes.stream()
                .filter(from -> !room(from).isEmpty())
                .flatMap(from -> from.getDirectDependenciesFromSelf().stream())
                .filter(dependency -> isStray(dependency, table))
                .map(Dependency::getDescription)
                .toList();
        assertEquals(List.of(), strays);
    }

    private static boolean isStray(Dependency dependency, Map<String, Set<String>> table) {
        String from = room(dependency.getOriginClass());
        JavaClass target = dependency.getTargetClass();
        if (target.getPackageName().startsWith(ROOT)) {
            return !room(target).equals(from) && !table.get(from).contains(room(target));
        }
        return table.get(from).contains("the JDK") && !target.getPackageName().startsWith("java");
    }

    @Test
    void onlyTheBusNamesAddresses() {
        List<String> strays = classes.stream()
                .filter(from -> !room(from).equals("bus"))
                .flatMap(from -> from.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().getName().equals("io.vertx.core.eventbus.EventBus"))
                .map(Object::toString)
                .toList();
        assertEquals(List.of(), strays);
        assertFalse(classes.get("dev.crier.bus.Bus").getMethodCallsFromSelf().isEmpty());
    }
}
