package dev.crier.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

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

    /** A version's value by its property; the first {@code <version>} is the project's own. */
    private static Map<String, String> versions(Path pom) throws IOException {
        return VERSION.matcher(Files.readString(pom))
                .results()
                .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2), (first, later) -> first));
    }

    /** The two poms cannot inherit from each other, because the main pom builds a jar. */
    @Test
    void aVersionThatBothPomsNameHasTheSameValueInBoth() throws IOException {
        Map<String, String> main = versions(Path.of("pom.xml"));
        Map<String, String> repeated = versions(Path.of("benchmarks", "pom.xml"));
        repeated.keySet().retainAll(main.keySet());
        main.keySet().retainAll(repeated.keySet());
        assertEquals(main, repeated);
        assertFalse(main.isEmpty());
    }
}
