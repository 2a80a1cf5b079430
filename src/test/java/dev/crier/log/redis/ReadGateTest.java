package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.log.store.AbandonedException;
import dev.crier.log.store.Requester;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadGateTest {

    private static final int MAX_READS = 64;
    private static final Requester PRESENT = new Requester("192.0.2.1", () -> false);

    private final ReadGate gate = new ReadGate();
    private final List<Promise<Integer>> atRedis = new ArrayList<>();
    private final List<Future<Integer>> results = new ArrayList<>();

    private Future<Integer> read(Requester requester) {
        return gate.read(requester, () -> {
            Promise<Integer> answer = Promise.promise();
            atRedis.add(answer);
            return answer.future();
        });
    }

    private void fill() {
        for (int i = 0; i < MAX_READS; i++) {
            results.add(read(PRESENT));
        }
    }

    @Test
    void noMoreReadsThanTheLimitRunAtATimeAndTheRestFollowInOrder() {
        fill();
        fill();
        assertEquals(MAX_READS, atRedis.size());
        atRedis.get(5).complete(5);
        assertEquals(5, results.get(5).result());
        assertEquals(MAX_READS + 1, atRedis.size());
        atRedis.get(MAX_READS).complete(-1);
        assertEquals(-1, results.get(MAX_READS).result(), "the first that waited");
        for (int i = 0; i < atRedis.size(); i++) {
            atRedis.get(i).tryComplete(i);
        }
        assertEquals(2 * MAX_READS, atRedis.size());
        assertTrue(results.stream().allMatch(Future::succeeded));
    }

    @Test
    void aReadWhoseClientHasLeftIsDroppedWhenItsTurnComes() {
        fill();
        var left = new AtomicBoolean();
        Future<Integer> abandoned = read(new Requester("192.0.2.2", left::get));
        Future<Integer> next = read(PRESENT);
        left.set(true);
        assertEquals(false, abandoned.isComplete());
        atRedis.get(0).complete(0);
        assertInstanceOf(AbandonedException.class, abandoned.cause());
        assertEquals(MAX_READS + 1, atRedis.size());
        atRedis.get(MAX_READS).complete(1);
        assertEquals(1, next.result());
    }

    @Test
    void aFailureReachesItsReaderAndLetsTheNextReadRun() {
        var failure = new RedisUnavailableException("no connection");
        fill();
        Future<Integer> next = read(PRESENT);
        atRedis.get(0).fail(failure);
        assertSame(failure, results.get(0).cause());
        atRedis.get(MAX_READS).complete(1);
        assertEquals(1, next.result());
    }

    @Test
    void anExceptionOfAReadLetsTheNextReadRun() {
        var failure = new IllegalStateException("no session");
        var thrown = IntStream.range(0, 2 * MAX_READS)
                .mapToObj(i -> gate.<Integer>read(PRESENT, () -> {
                    throw failure;
                }))
                .toList();
        assertTrue(thrown.stream().allMatch(read -> read.cause() == failure));
        Future<Integer> next = read(PRESENT);
        atRedis.get(0).complete(1);
        assertEquals(1, next.result());
    }

    @Test
    void manyAbandonedReadsDoNotOverflowTheStack() {
        fill();
        var abandoned = IntStream.range(0, 100_000)
                .mapToObj(i -> read(new Requester("192.0.2.2", () -> true)))
                .toList();
        atRedis.get(0).complete(0);
        assertTrue(abandoned.stream().allMatch(read -> read.cause() instanceof AbandonedException));
    }
}
