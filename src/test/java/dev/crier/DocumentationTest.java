package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks the links between the pages of the documentation, and the classes that they name. */
class DocumentationTest {

    private static final Pattern CODE_BLOCK = Pattern.compile("^```.*?^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("]\\((?!http)([^)#]*)(?:#([^)]*))?\\)");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

    /** A class with its package, such as {@code log/EventLog}. */
    private static final Pattern CLASS = Pattern.compile("`((?!deploy)(?:[a-z]+/)+[A-Z]\\w+)`");

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(Path.of("docs"));
                Stream<Path> examples = Files.walk(Path.of("examples"), 2)) {
            return Stream.of(
                            Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
                                    .map(Path::of),
                            docs.filter(file -> file.toString().endsWith(".md")),
                            examples.filter(file -> file.endsWith("README.md")))
                    .flatMap(pages -> pages)
                    .toList();
        }
    }

    private static String text(Path page) {
        try {
            return CODE_BLOCK.matcher(Files.readString(page)).replaceAll("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the names by which links refer to the headings of a page. */
    private static Set<String> anchors(Path page) {
        return HEADING.matcher(text(page))
                .results()
                .map(heading -> heading.group(1).toLowerCase().replaceAll("[^\\w\\- ]", ""))
                .map(heading -> heading.replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void eachLinkLeadsToAFileAndAHeading() throws Exception {
        var broken = new ArrayList<String>();
        int links = 0;
        for (Path page : pages()) {
            for (MatchResult link : LINK.matcher(text(page)).results().toList()) {
                links++;
                Path target = link.group(1).isEmpty()
                        ? page
                        : page.resolveSibling(link.group(1)).normalize();
                boolean found = Files.exists(target)
                        && (link.group(2) == null || anchors(target).contains(link.group(2)));
                if (!found) {
                    broken.add(page + ": " + link.group());
                }
            }
        }
        assertEquals(List.of(), broken);
        assertFalse(links == 0, "no links");
    }

    @Test
    void eachClassThatThePagesNameExists() throws Exception {
        var missing = new ArrayList<String>();
        int classes = 0;
        for (Path page : pages()) {
            for (MatchResult named : CLASS.matcher(text(page)).results().toList()) {
                classes++;
                if (!Files.exists(Path.of("src/main/java/dev/crier", named.group(1) + ".java"))
                        && !Files.exists(Path.of("src/test/java/dev/crier", named.group(1) + ".java"))) {
                    missing.add(page + ": " + named.group(1));
                }
            }
        }
        assertEquals(List.of(), missing);
        assertFalse(classes == 0, "no classes");
    }
}
