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
     * A machine: a wall clock, and a timer that runs on another one, as they do. The timer keeps its
     * rate by its own clock, whatever its ticks' delay, as Vert.x's does.
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

        void setWall(Duration by) {
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

    private final List<Instant> told = new ArrayList<>();

    @Test
    void aClockSetInALongPeriodIsNoticedBeforeThePeriodEnds() {
        var machine = new Machine(0, () -> 0);
        int hour = 3_600_000;
        new Ticker(() -> Instant.ofEpochMilli(machine.wall()), machine, hour, told::add).start();
        machine.runFor(Duration.ofMinutes(5));
        machine.setWall(Duration.ofHours(2));
        machine.runFor(Duration.ofMinutes(2));
        assertEquals(machine.wall() / hour, told.get(told.size() - 1).toEpochMilli() / hour);
        machine.setWall(Duration.ofSeconds(3));
        told.clear();
        machine.runFor(Duration.ofHours(1).minusMillis(machine.wall() % hour));
        machine.runFor(Duration.ofMillis(machine.wall() % hour == 0 ? 0 : hour - machine.wall() % hour));
        assertEquals(machine.wall() / hour, told.get(0).toEpochMilli() / hour);
    }

    private Ticker start(Machine machine) {
        var ticker = new Ticker(() -> Instant.ofEpochMilli(machine.wall()), machine, 1000, told::add);
        ticker.start();
        return ticker;
    }

    /** Every second from the one that had begun at the start to the one that stands at the end. */
    private void assertEverySecondOnce(Machine machine) {
        long last = told.get(told.size() - 1).toEpochMilli();
        List<Instant> seconds = LongStream.rangeClosed(START / 1000, last / 1000)
                .mapToObj(Instant::ofEpochSecond)
                .toList();
        assertEquals(seconds, told);
        assertTrue(machine.wall() - last < 10_000, "ended at " + machine.wall() + " with " + last);
    }

    @Test
    void theSecondThatHasBegunIsToldAtOnce() {
        start(new Machine(0, () -> 0));
        assertEquals(List.of(Instant.ofEpochMilli(START / 1000 * 1000)), told);
    }

    @Test
    void ticksStandOnTheBoundaryOfTheSecond() {
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
    void inAnHourNoSecondIsToldTwiceAndNoneIsSkippedWhateverTheJitter(long millis) {
        var random = new Random(millis);
        var machine = new Machine(0, () -> random.nextLong(millis + 1));
        start(machine);
        machine.runFor(Duration.ofHours(1));
        assertTrue(told.size() >= HOUR / 1000, "told " + told.size());
        assertEverySecondOnce(machine);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, -0.0005, 0.0005, 0.01})
    void norWhenTheTimersClockDriftsFromTheWalls(double drift) {
        var random = new Random(1);
        var machine = new Machine(drift, () -> random.nextLong(5));
        start(machine);
        machine.runFor(Duration.ofHours(1));
        assertEverySecondOnce(machine);
    }

    @Test
    void norWhenTheTimerFiresEarly() {
        var random = new Random(1);
        var machine = new Machine(0, () -> random.nextLong(-400, 400));
        start(machine);
        machine.runFor(Duration.ofHours(1));
        assertEverySecondOnce(machine);
    }

    @Test
    void norWhenTheClockIsSetBackByLessThanASecond() {
        var machine = new Machine(0, () -> 0);
        start(machine);
        for (int i = 0; i < 100; i++) {
            machine.runFor(Duration.ofSeconds(7));
            machine.setWall(Duration.ofMillis(-900));
        }
        machine.runFor(Duration.ofSeconds(2));
        assertEverySecondOnce(machine);
    }

    @ParameterizedTest
    @ValueSource(longs = {-3600, -10, 3600, 100_000})
    void aClockSetToAnotherTimeIsFollowedAtOnce(long seconds) {
        var machine = new Machine(0, () -> 0);
        start(machine);
        machine.runFor(Duration.ofSeconds(10));
        machine.setWall(Duration.ofSeconds(seconds));
        told.clear();
        machine.runFor(Duration.ofSeconds(3));
        long now = machine.wall() / 1000;
        assertEquals(
                LongStream.rangeClosed(now - 2, now)
                        .mapToObj(Instant::ofEpochSecond)
                        .toList(),
                told);
    }

    @Test
    void aStoppedTickerTellsNothing() {
        var machine = new Machine(0, () -> 0);
        Ticker ticker = start(machine);
        ticker.stop();
        told.clear();
        machine.runFor(Duration.ofSeconds(10));
        assertEquals(List.of(), told);
    }
}
