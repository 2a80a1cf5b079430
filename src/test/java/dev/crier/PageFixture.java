package dev.crier;

import dev.crier.testing.Page;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Opens one browser for all tests of a class, and gives each test a folder of its own. */
abstract class PageFixture {

    static Page page;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        page = new Page();
    }

    @AfterAll
    static void close() {
        if (page != null) {
            page.close();
        }
    }

    @AfterEach
    void stopEmulation() {
        page.browser().stopEmulation();
        page.browser().preferColorScheme("");
    }
}
