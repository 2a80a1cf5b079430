package dev.crier.http;

import dev.crier.testing.RunningCrier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Replay and resume of many channels, with cuts, in an application. */
class EmbeddedSubscribeSetResumeTest extends SubscribeSetResumeTest {

    @BeforeAll
    static void embed() {
        RunningCrier.embed(true);
    }

    @AfterAll
    static void embedNoMore() {
        RunningCrier.embed(false);
    }
}
