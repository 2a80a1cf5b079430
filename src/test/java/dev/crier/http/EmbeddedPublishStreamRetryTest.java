package dev.crier.http;

import dev.crier.testing.RunningCrier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Streams that are sent again, and stored once, in an application. */
class EmbeddedPublishStreamRetryTest extends PublishStreamRetryTest {

    @BeforeAll
    static void embed() {
        RunningCrier.embed(true);
    }

    @AfterAll
    static void embedNoMore() {
        RunningCrier.embed(false);
    }

    /** Takes long, and concerns the log. No test here. */
    @Override
    void aLongBodyIsSkippedWithoutStoringItAgain() {}
}
