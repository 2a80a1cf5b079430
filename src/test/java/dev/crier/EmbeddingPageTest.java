package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compiles the code of the pages about the library. {@link LibraryIT} runs their applications. */
class EmbeddingPageTest {

    private static final Pattern CODE = Pattern.compile("^```java\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern VERSION =
            Pattern.compile("<artifactId>crier</artifactId>\\s*<version>(.*?)</version>");
    private static final Pattern CLASS = Pattern.compile("^public class (\\w+)", Pattern.MULTILINE);

    /** Some lines of an application, which the page shows without the rest. */
    private static final String FRAGMENT = """
            import dev.crier.Crier;
            import dev.crier.auth.Permission;
            import dev.crier.event.*;
            import io.vertx.core.*;
            import io.vertx.core.http.*;
            import io.vertx.core.json.JsonObject;
            import io.vertx.core.streams.ReadStream;
            import io.vertx.ext.web.Router;
            import io.vertx.ext.web.handler.CorsHandler;
            import java.util.Set;

            public class Fragment {
                void run(Vertx vertx, Router router%s) {
            %s
                }
            }
            """;

    @TempDir
    private Path classes;

    /** Returns the blocks of Java of a page that contain the text. */
    static List<String> code(Path page, String text) throws Exception {
        return CODE.matcher(Files.readString(page))
                .results()
                .map(block -> block.group(1))
                .filter(block -> block.contains(text))
                .toList();
    }

    private List<String> errors(String code) {
        Matcher named = CLASS.matcher(code);
        boolean whole = named.find();
        String source = whole ? code : FRAGMENT.formatted(code.contains("Crier crier") ? "" : ", Crier crier", code);
        var file =
                new SimpleJavaFileObject(
                        URI.create("string:///" + (whole ? named.group(1) : "Fragment") + ".java"),
                        JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        var found = new DiagnosticCollector<JavaFileObject>();
        var options = List.of("-proc:none", "-cp", System.getProperty("java.class.path"), "-d", classes.toString());
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, found, options, null, List.of(file))
                .call();
        var errors = new ArrayList<String>();
        found.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .forEach(diagnostic -> errors.add(diagnostic + "\n" + source));
        assertEquals(compiled, errors.isEmpty());
        return errors;
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/embedding.md"})
    void theCodeOfThePageCompiles(String page) throws Exception {
        List<String> blocks = code(Path.of(page), "");
        assertTrue(blocks.stream().anyMatch(block -> block.contains("Crier.create(")), blocks::toString);
        for (String block : blocks) {
            assertEquals(List.of(), errors(block));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/embedding.md"})
    void thePageNamesTheVersionOfThisBuild(String page) throws Exception {
        Matcher build = VERSION.matcher(Files.readString(Path.of("pom.xml")));
        Matcher named = VERSION.matcher(Files.readString(Path.of(page)));
        assertTrue(build.find() && named.find());
        assertEquals(build.group(1), named.group(1));
    }

    @Test
    void aMistakeInTheCodeIsFound() {
        assertEquals(1, errors("crier.publish();").size());
    }
}
