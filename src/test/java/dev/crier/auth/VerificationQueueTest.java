package dev.crier.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Any client can cause a verification, so the queue must not grow without limit. */
class VerificationQueueTest {

    private static final int EXCESS = 10;

    private final Vertx vertx = Vertx.vertx();
    private final VerificationQueue queue = new VerificationQueue(vertx);

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    @Test
    void verificationsThatDoNotFitAreRefusedUntilOthersAreDone() throws Exception {
        var release = new CountDownLatch(1);
        var verifications = new ArrayList<Future<Decision>>();
        for (int i = 0; i < VerificationQueue.MAX_VERIFICATIONS + EXCESS; i++) {
            verifications.add(queue.run(() -> {
                release.await();
                return Decision.UNKNOWN;
            }));
        }
        List<Decision> rejected = verifications.stream()
                .filter(Future::isComplete)
                .map(Future::result)
                .toList();
        assertEquals(Collections.nCopies(EXCESS, new Decision.Busy()), rejected);
        release.countDown();
        for (Future<Decision> verification : verifications) {
            RunningCrier.await(verification);
        }
        // the result of the last one may arrive here before it is counted
        Eventually.until(
                "others have room",
                () -> RunningCrier.await(queue.run(() -> Decision.UNKNOWN)).equals(Decision.UNKNOWN));
    }
}
