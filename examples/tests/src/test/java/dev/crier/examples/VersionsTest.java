package dev.crier.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class VersionsTest {

    private static final Pattern VERSION =
            Pattern.compile("<([\\w-]+\\.version|version|maven\\.compiler\\.release)>([\\w.-]+)<");

    /** Returns the value of each version by its property; the first {@code <version>} is the project's own. */
    private static Map<String, String> versions(Path pom) throws IOException {
        return VERSION.matcher(Files.readString(pom))
                .results()
                .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2), (first, later) -> first));
    }

    /** The examples do not inherit from the main pom, because it builds a jar. */
    @Test
    void aVersionThatBothPomsNameHasTheSameValueInBoth() throws IOException {
        Map<String, String> main = versions(Path.of("pom.xml"));
        Map<String, String> examples = versions(Path.of("examples", "pom.xml"));
        examples.keySet().retainAll(main.keySet());
        main.keySet().retainAll(examples.keySet());
        assertEquals(main, examples);
        assertTrue(main.size() > 5, main::toString);
    }
}
