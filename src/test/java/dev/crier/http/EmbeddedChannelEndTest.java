package dev.crier.http;

import dev.crier.testing.RunningCrier;
import io.vertx.core.http.HttpVersion;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Streams that end, in an application. */
class EmbeddedChannelEndTest extends ChannelEndTest {

    @BeforeAll
    static void embed() {
        RunningCrier.embed(true);
    }

    @AfterAll
    static void embedNoMore() {
        RunningCrier.embed(false);
    }

    // no tests here, because they concern the server: its CORS headers, its TLS, its access log

    @Override
    void aSubscriberReceivesTheEndAndComesBackToNothing(String store) {}

    @Override
    void listedOriginsGetTheirCorsHeadersWithTheEnd() {}

    @Override
    void overTlsTheStreamEndsAfterALongText(HttpVersion version) {}

    @Override
    void theAccessLogHasTheStatusOfAClientAfterTheEnd() {}

    /** Takes long, and concerns the store. */
    @Override
    void theIdenticalRestFollowsEachPositionInTheStore() {}
}
