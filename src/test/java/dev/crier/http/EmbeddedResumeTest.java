package dev.crier.http;

import dev.crier.testing.RunningCrier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Replay, resume and gaps, in an application. */
class EmbeddedResumeTest extends ResumeTest {

    @BeforeAll
    static void embed() {
        RunningCrier.embed(true);
    }

    @AfterAll
    static void embedNoMore() {
        RunningCrier.embed(false);
    }
}
