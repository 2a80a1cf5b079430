package dev.crier.clients;

import dev.crier.testing.Browser;
import java.nio.file.Files;
import java.util.List;

/** Checks pages for what keeps people from using them, by axe-core. */
public final class Axe {

    private static final String RUN = """
            return axe.run().then(({ violations }) => violations.map(
                ({ id, help, nodes }) => `${id} (${help}): ${nodes.map(({ target }) => target).join(", ")}`));""";

    private final String source;

    public Axe() throws Exception {
        source = Files.readString(Packages.npm().resolve("node_modules/axe-core/axe.min.js"));
    }

    /** Returns what is wrong on the page that the browser shows. */
    public List<String> violations(Browser browser) {
        browser.run(source);
        return ((List<?>) browser.run(RUN)).stream().map(String::valueOf).toList();
    }
}
