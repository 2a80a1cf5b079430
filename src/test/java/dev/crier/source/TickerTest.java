package dev.crier.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TickerTest {

    private static final long START = Instant.parse("2026-11-23T13:23:45.678Z").toEpochMilli();
    private static final long HOUR = Duration.ofHours(1).toMillis();

    /**
     * A machine with a wall clock and a timer that runs on another clock. As with Vert.x, a delayed tick does not delay the
     * next one.
     */
    private static final class Machine implements Ticker.PeriodicTimer {

        private final double drift;
        private final LongSupplier jitter;
        private double uptime;
        private double wallOffset = START;
        private double deadline;
        private long period;
        private Runnable tick = () -> {};
        private long id;

        Machine(double drift, LongSupplier jitter) {
            this.drift = drift;
            this.jitter = jitter;
        }

        long wall() {
            return (long) (wallOffset + uptime * (1 + drift));
        }

        void adjustWall(Duration by) {
            wallOffset += by.toMillis();
        }

        @Override
        public long set(long delayMillis, long periodMillis, Runnable tick) {
            assertTrue(delayMillis >= 1, "delay " + delayMillis);
            this.deadline = uptime + delayMillis;
            this.period = periodMillis;
            this.tick = tick;
            return ++id;
        }

        @Override
        public void cancel(long cancelled) {
            assertEquals(id, cancelled);
            tick = () -> {};
        }

        void runFor(Duration time) {
            double end = uptime + time.toMillis();
            while (deadline <= end) {
                uptime = Math.max(uptime, deadline + jitter.getAsLong());
                deadline += period;
                tick.run();
            }
            uptime = Math.max(uptime, end);
        }
    }

    private final List<Instant> reported = new ArrayList<>();

    private Ticker start(Machine machine) {
        return start(machine, 1000);
    }

    private Ticker start(Machine machine, long periodMillis) {
        var ticker = new Ticker(() -> Instant.ofEpochMilli(machine.wall()), machine, periodMillis, reported::add);
        ticker.start();
        return ticker;
    }

    /** Asserts that every second from the start to the last report was reported once, and that reports go on to the end. */
    private void assertEverySecondOnce(Machine machine) {
        long last = reported.get(reported.size() - 1).toEpochMilli();
        List<Instant> seconds = LongStream.rangeClosed(START / 1000, last / 1000)
                .mapToObj(Instant::ofEpochSecond)
                .toList();
        assertEquals(seconds, reported);
        assertTrue(machine.wall() - last < 10_000, "ended at " + machine.wall() + " with " + last);
    }

    @Test
    void theCurrentSecondIsReportedAtOnce() {
        start(new Machine(0, () -> 0));
        assertEquals(List.of(Instant.ofEpochMilli(START / 1000 * 1000)), reported);
    }

    @Test
    void ticksFallOnTheBoundaryOfTheSecond() {
        var machine = new Machine(0, () -> 0);
        var late = new ArrayList<Long>();
        new Ticker(
                        () -> Instant.ofEpochMilli(machine.wall()),
                        machine,
                        1000,
                        second -> late.add(machine.wall() - second.toEpochMilli()))
                .start();
        machine.runFor(Duration.ofMinutes(1));
        assertTrue(late.stream().skip(1).allMatch(millis -> millis == 0), late::toString);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 20, 400, 999, 1500, 5000})
    void everySecondIsReportedOnceWhenTicksAreLate(long millis) {
        var random = new Random(millis);
        var machine = new Machine(0, () -> random.nextLong(millis + 1));
        start(machine);
        machine.runFor(Duration.ofHours(1));
        assertTrue(reported.size() >= HOUR / 1000, "reported " + reported.size());
        assertEverySecondOnce(machine);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, -0.0005, 0.0005, 0.01})
    void everySecondIsReportedOnceWhenTheTimerDriftsFromTheWallClock(double drift) {
        var random = new Random(1);
        var machine = new Machine(drift, () -> random.nextLong(5));
        start(machine);
        machine.runFor(Duration.ofHours(1));
        assertEverySecondOnce(machine);
    }

    @Test
    void everySecondIsReportedOnceWhenTicksAreEarly() {
        var random = new Random(1);
        var machine = new Machine(0, () -> random.nextLong(-400, 400));
        start(machine);
        machine.runFor(Duration.ofHours(1));
        assertEverySecondOnce(machine);
    }

    @Test
    void everySecondIsReportedOnceWhenTheClockIsSetBackByLessThanASecond() {
        var machine = new Machine(0, () -> 0);
        start(machine);
        for (int i = 0; i < 100; i++) {
            machine.runFor(Duration.ofSeconds(7));
            machine.adjustWall(Duration.ofMillis(-900));
        }
        machine.runFor(Duration.ofSeconds(2));
        assertEverySecondOnce(machine);
    }

    @ParameterizedTest
    @ValueSource(longs = {-3600, -10, 3600, 100_000})
    void aClockSetToAnotherTimeIsFollowedAtTheNextTick(long seconds) {
        var machine = new Machine(0, () -> 0);
        start(machine);
        machine.runFor(Duration.ofSeconds(10));
        machine.adjustWall(Duration.ofSeconds(seconds));
        reported.clear();
        machine.runFor(Duration.ofSeconds(3));
        long now = machine.wall() / 1000;
        assertEquals(
                LongStream.rangeClosed(now - 2, now)
                        .mapToObj(Instant::ofEpochSecond)
                        .toList(),
                reported);
    }

    @Test
    void aClockThatIsSetWithinALongPeriodIsFollowedBeforeThePeriodEnds() {
        var machine = new Machine(0, () -> 0);
        start(machine, HOUR);
        machine.runFor(Duration.ofMinutes(5));
        reported.clear();
        machine.adjustWall(Duration.ofHours(2));
        machine.runFor(Duration.ofMinutes(2));
        assertEquals(List.of(beginOfHour(machine).minusSeconds(3_600), beginOfHour(machine)), reported);
    }

    @Test
    void aSmallAdjustmentWithinALongPeriodIsFollowedBeforeThePeriodEnds() {
        var machine = new Machine(0, () -> 0);
        start(machine, HOUR);
        machine.runFor(Duration.ofMinutes(5));
        reported.clear();
        machine.adjustWall(Duration.ofSeconds(3));
        machine.runFor(Duration.ofMillis(HOUR - machine.wall() % HOUR));
        assertEquals(List.of(beginOfHour(machine)), reported);
    }

    private static Instant beginOfHour(Machine machine) {
        return Instant.ofEpochMilli(machine.wall() / HOUR * HOUR);
    }

    @Test
    void aStoppedTickerReportsNothing() {
        var machine = new Machine(0, () -> 0);
        Ticker ticker = start(machine);
        ticker.stop();
        reported.clear();
        machine.runFor(Duration.ofSeconds(10));
        assertEquals(List.of(), reported);
    }
}
