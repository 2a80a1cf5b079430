package dev.crier.bench;

import dev.crier.bench.load.Metric;
import dev.crier.bench.load.Task;
import dev.crier.bench.peer.ConsolePeer;
import dev.crier.bench.peer.CrierPeer;
import dev.crier.bench.peer.EmbeddedPeer;
import dev.crier.bench.peer.ExpressPeer;
import dev.crier.bench.peer.FloorPeer;
import dev.crier.bench.peer.MercurePeer;
import dev.crier.bench.peer.MercurePeer.Transport;
import dev.crier.bench.peer.NchanPeer;
import dev.crier.bench.peer.NodesPeer;
import dev.crier.bench.peer.NodesPeer.Use;
import dev.crier.bench.peer.Peer;
import dev.crier.bench.peer.RedisBenchmarkPeer;
import dev.crier.bench.peer.StreamFloorPeer;
import dev.crier.testing.CrierProcess;
import java.util.List;
import java.util.stream.Stream;

/**
 * One kind of load, and the servers that are measured under it.
 *
 * @param letter the workload's name in the report
 * @param goals the results that Crier should reach
 */
record Workload(String letter, List<Participant> participants, List<Goal> goals) {

    /** Seconds at full speed before a measurement, so that virtual machines have compiled the code that runs. */
    private static final double WARM_UP = 24;

    /** As above, before a measurement at full speed. */
    private static final double FLOOD_WARM_UP = 12;

    /** Seconds of warm-up for programs that need no virtual machine. */
    private static final double REDIS_WARM_UP = 2;

    /** Seconds of measurement at a steady rate. */
    private static final double STEADY = 6;

    /** The number of live streams at a time. */
    private static final int STREAMS = 1_000;

    private static final String CRIER = "Crier";
    private static final String EMBEDDED = new EmbeddedPeer().name();
    private static final String ARCHIVED = "Crier with its class data archive";
    private static final String STORED = "Crier with SQLite";
    private static final String BATCHED = "Crier with SQLite, batches of 100";
    private static final String NCHAN = new NchanPeer().name();
    private static final String EXPRESS = new ExpressPeer().name();
    private static final String MERCURE = new MercurePeer(Transport.LOCAL).name();
    private static final String BOLT = new MercurePeer(Transport.BOLT).name();
    private static final String ON_REDIS = "Crier with Redis";
    private static final String SHARED = "Crier on two nodes";
    private static final String SHARED_BATCHED = "Crier on two nodes, batches of 100";
    private static final String SHARED_FLOOR = "the floor on two nodes";
    private static final String SCRIPT = "redis-benchmark, the same script";
    private static final String XADD = "redis-benchmark, XADD -P 16";
    private static final String FLOOR = new FloorPeer().name();
    private static final String STREAM_FLOOR = new StreamFloorPeer().name();
    private static final String ONE_CHANNEL = "Crier, one channel";
    private static final String HUNDRED_CHANNELS = "Crier, the same 100 channels";
    private static final String OWN_CHANNELS = "Crier, one channel and 10 own";
    private static final String DRAWN_CHANNELS = "Crier, 20 channels of 1,000";
    private static final String FAMILY = "Crier, family of 100,000 channels";

    /** Returns a Crier with one event loop, because each peer has one worker. */
    private static Peer crier(String name, String store) {
        return new CrierPeer(name, store, 1, List.of());
    }

    /**
     * Returns all workloads, in the order of their letters.
     *
     * @param scale a factor on the duration of each measurement
     */
    static List<Workload> all(double scale) {
        return List.of(
                fanOut(scale),
                flood(scale),
                delay(scale),
                idle(),
                growth(scale),
                catchUp(),
                publishing(scale),
                start(),
                sharedPublishing(scale),
                sharedDelay(scale),
                sharedFanOut(scale),
                channels(),
                sameChannels(scale),
                ownChannels(scale),
                idleOfManyChannels(),
                wholeFamily(scale),
                liveStreams(scale),
                replay(),
                storedStreams(scale));
    }

    private static final List<Peer> ALL_PEERS = List.of(
            crier(CRIER, "memory"),
            new NchanPeer(),
            new ExpressPeer(),
            new MercurePeer(Transport.LOCAL),
            new FloorPeer());

    private static Workload fanOut(double scale) {
        Task task = Task.paced(5_000, 5, WARM_UP, STEADY * scale);
        return new Workload(
                "A",
                Stream.concat(ALL_PEERS.stream(), Stream.of(new EmbeddedPeer()))
                        .map(peer -> Participant.of(peer, task))
                        .toList(),
                List.of(
                        Goal.atMost(Metric.SERVER_CPU, EMBEDDED, 1.05, CRIER),
                        Goal.atMost(Metric.SERVER_CPU, CRIER, 0.85, NCHAN),
                        Goal.atMost(Metric.SERVER_CPU, CRIER, 0.5, EXPRESS),
                        Goal.atMost(Metric.SERVER_CPU, CRIER, 0.4, MERCURE),
                        Goal.atMost(Metric.SERVER_CPU, CRIER, 1.35, FLOOR),
                        // These two show whether a server that only sends could reach the goals above.
                        Goal.atMost(Metric.SERVER_CPU, FLOOR, 0.5, EXPRESS),
                        Goal.atMost(Metric.SERVER_CPU, FLOOR, 0.4, MERCURE)));
    }

    /** Returns workload A for Crier alone: with its console open, closed and off. It is not in the report. */
    static Workload console(double scale) {
        String off = "Crier, console off";
        String closed = "Crier, console closed";
        String open = "Crier, console open";
        Task task = Task.paced(5_000, 5, WARM_UP, STEADY * scale);
        return new Workload(
                "A",
                List.of(
                        Participant.of(new ConsolePeer(off, false, false), task),
                        Participant.of(new ConsolePeer(closed, true, false), task),
                        Participant.of(new ConsolePeer(open, true, true), task)),
                List.of(
                        Goal.atMost(Metric.SERVER_CPU, open, 1.02, closed),
                        Goal.atMost(Metric.SERVER_CPU, closed, 1.02, off)));
    }

    private static Workload flood(double scale) {
        Task task = Task.flood(200, 64, 1, FLOOD_WARM_UP, 60 * scale);
        return new Workload(
                "B",
                List.of(
                        Participant.of(crier(CRIER, "memory"), task),
                        Participant.of(new NchanPeer(), task),
                        Participant.of(new MercurePeer(Transport.LOCAL), task)),
                List.of(
                        Goal.atLeast(Metric.DELIVERED, CRIER, 3, NCHAN),
                        Goal.atLeast(Metric.DELIVERED, CRIER, 5, MERCURE),
                        Goal.atMost(Metric.MISSING, CRIER, 0)));
    }

    private static Workload delay(double scale) {
        Task task = Task.paced(1_000, 50, WARM_UP, STEADY * scale);
        return new Workload(
                "C",
                ALL_PEERS.stream().map(peer -> Participant.apart(peer, task)).toList(),
                List.of(
                        Goal.atMost(Metric.DELAY_P50, CRIER, 1, NCHAN),
                        Goal.atMost(Metric.DELAY_P50, CRIER, 1, EXPRESS),
                        Goal.atMost(Metric.DELAY_P50, CRIER, 1, MERCURE),
                        Goal.atMost(Metric.DELAY_P99, CRIER, 1, NCHAN),
                        Goal.atMost(Metric.DELAY_P99, CRIER, 1, EXPRESS),
                        Goal.atMost(Metric.DELAY_P99, CRIER, 1, MERCURE)));
    }

    private static Workload idle() {
        int subscribers = 15_000;
        return new Workload(
                "D",
                List.of(
                        Participant.of(crier(CRIER, "memory"), Task.idle(subscribers)),
                        new Participant("Crier's heap", crier(CRIER, "memory"), Task.retained(subscribers)),
                        Participant.of(new NchanPeer(), Task.idle(subscribers)),
                        Participant.of(new MercurePeer(Transport.LOCAL), Task.idle(subscribers))),
                List.of(
                        Goal.atMost(Metric.RETAINED, "Crier's heap", 5),
                        Goal.atMost(Metric.RESIDENT, CRIER, 1, MERCURE)));
    }

    private static Workload growth(double scale) {
        return new Workload(
                "E",
                List.of(
                        new Participant(
                                "1,000 subscribers",
                                crier(CRIER, "memory"),
                                Task.paced(1_000, 5, WARM_UP, STEADY * scale)),
                        new Participant(
                                "5,000 subscribers",
                                crier(CRIER, "memory"),
                                Task.paced(5_000, 5, WARM_UP, STEADY * scale)),
                        new Participant(
                                "15,000 subscribers",
                                crier(CRIER, "memory"),
                                Task.paced(15_000, 5, WARM_UP, STEADY * scale))),
                List.of(Goal.atMost(Metric.SERVER_CPU, "15,000 subscribers", 1.15, "1,000 subscribers")));
    }

    private static Workload catchUp() {
        Task task = Task.catchUp(10_000, 100);
        return new Workload(
                "F",
                List.of(
                        Participant.of(crier(CRIER, "memory"), task),
                        Participant.of(crier(STORED, "sqlite"), task),
                        Participant.of(new NchanPeer(), task),
                        Participant.of(new MercurePeer(Transport.BOLT), task)),
                List.of(
                        Goal.atMost(Metric.CATCH_UP, CRIER, 1, NCHAN),
                        Goal.atMost(Metric.CATCH_UP, CRIER, 1, BOLT),
                        Goal.atMost(Metric.CATCH_UP, STORED, 1, NCHAN),
                        Goal.atMost(Metric.CATCH_UP, STORED, 1, BOLT),
                        Goal.atMost(Metric.MISSING, CRIER, 0)));
    }

    private static Workload publishing(double scale) {
        return new Workload(
                "G",
                List.of(
                        Participant.of(crier(STORED, "sqlite"), Task.flood(0, 64, 1, FLOOD_WARM_UP, STEADY * scale)),
                        Participant.of(crier(BATCHED, "sqlite"), Task.flood(0, 64, 100, FLOOD_WARM_UP, STEADY * scale)),
                        Participant.of(
                                new MercurePeer(Transport.BOLT), Task.flood(0, 64, 1, FLOOD_WARM_UP, STEADY * scale))),
                List.of(Goal.atLeast(Metric.PUBLISHED, STORED, 10, BOLT)));
    }

    private static Workload start() {
        Peer archived = new CrierPeer(ARCHIVED, "memory", 0, List.of("-XX:SharedArchiveFile=" + CrierProcess.ARCHIVE));
        return new Workload(
                "H",
                List.of(
                        Participant.of(new CrierPeer(CRIER, "memory", 0, List.of()), Task.start()),
                        Participant.of(archived, Task.start())),
                List.of(Goal.atMost(Metric.STARTUP, CRIER, 1), Goal.atMost(Metric.STARTUP, ARCHIVED, 0.5)));
    }

    private static Workload sharedPublishing(double scale) {
        return new Workload(
                "I",
                List.of(
                        Participant.of(criers(SHARED, Use.BOTH), Task.flood(0, 64, 1, WARM_UP, STEADY * scale)),
                        Participant.of(
                                criers(SHARED_BATCHED, Use.BOTH), Task.flood(0, 64, 100, WARM_UP, STEADY * scale)),
                        Participant.of(
                                new RedisBenchmarkPeer(SCRIPT, 1, true), Task.commands(REDIS_WARM_UP, STEADY * scale)),
                        Participant.of(
                                new RedisBenchmarkPeer(XADD, 16, false), Task.commands(REDIS_WARM_UP, STEADY * scale))),
                List.of(
                        Goal.atLeast(Metric.PUBLISHED, SHARED, 0.5, SCRIPT),
                        Goal.atLeast(Metric.PUBLISHED, SHARED_BATCHED, 0.5, XADD),
                        Goal.atMost(Metric.REDIS_CPU, SHARED_BATCHED, 2, XADD)));
    }

    private static Workload sharedDelay(double scale) {
        Task task = Task.paced(1, 1_000, WARM_UP, STEADY * scale);
        return new Workload(
                "J",
                List.of(
                        Participant.apart(crier(CRIER, "memory"), task),
                        Participant.apart(criers(SHARED, Use.ACROSS), task),
                        Participant.apart(new FloorPeer(), task),
                        Participant.apart(floors(Use.ACROSS), task)),
                List.of(
                        Goal.addsAtMost(Metric.DELAY_P50, SHARED, 0.5, CRIER),
                        Goal.addsAtMost(Metric.DELAY_P50, SHARED_FLOOR, 0.5, FLOOR),
                        Goal.addsAtMost(Metric.DELAY_P99, SHARED, 3, CRIER),
                        Goal.addsAtMost(Metric.DELAY_P99, SHARED_FLOOR, 3, FLOOR),
                        Goal.atMost(Metric.MISSING, SHARED, 0)));
    }

    private static Workload sharedFanOut(double scale) {
        Task one = Task.paced(2_500, 5, WARM_UP, STEADY * scale);
        Task two = Task.paced(5_000, 5, WARM_UP, STEADY * scale);
        return new Workload(
                "K",
                List.of(
                        Participant.of(crier(CRIER, "memory"), one),
                        Participant.of(criers(SHARED, Use.BOTH), two),
                        Participant.of(new FloorPeer(), one),
                        Participant.of(floors(Use.BOTH), two)),
                List.of(
                        Goal.atMost(Metric.SERVER_CPU, SHARED, 1.1, CRIER),
                        Goal.atMost(Metric.SERVER_CPU, SHARED_FLOOR, 1.1, FLOOR),
                        Goal.atMost(Metric.MISSING, SHARED, 0)));
    }

    private static Workload channels() {
        return new Workload(
                "L",
                List.of(Participant.of(criers(SHARED, Use.BOTH), Task.channels(100_000, 10))),
                List.of(Goal.atMost(Metric.CHANNEL, SHARED, 2_000)));
    }

    private static Workload sameChannels(double scale) {
        Task task = Task.paced(1_000, 50, WARM_UP, STEADY * scale);
        return new Workload(
                "M",
                List.of(
                        new Participant(ONE_CHANNEL, crier(CRIER, "memory"), task),
                        new Participant(HUNDRED_CHANNELS, crier(CRIER, "memory"), task.followingAll(100))),
                List.of(
                        Goal.atMost(Metric.SERVER_CPU, HUNDRED_CHANNELS, 1.2, ONE_CHANNEL),
                        Goal.atMost(Metric.MISSING, HUNDRED_CHANNELS, 0)));
    }

    /** Measured for longer than others, because the server compiles the code for many sets late. */
    private static Workload ownChannels(double scale) {
        Task task = Task.paced(5_000, 5, WARM_UP, 4 * STEADY * scale);
        return new Workload(
                "N",
                List.of(
                        new Participant(ONE_CHANNEL, crier(CRIER, "memory"), task),
                        new Participant(OWN_CHANNELS, crier(CRIER, "memory"), task.followingOwn(10))),
                List.of(
                        Goal.atMost(Metric.SERVER_CPU, OWN_CHANNELS, 1.3, ONE_CHANNEL),
                        Goal.atMost(Metric.MISSING, OWN_CHANNELS, 0)));
    }

    private static Workload idleOfManyChannels() {
        int each = 20;
        Task task = Task.retained(15_000);
        return new Workload(
                "O",
                List.of(
                        new Participant(ONE_CHANNEL, crier(CRIER, "memory"), task),
                        new Participant(DRAWN_CHANNELS, crier(CRIER, "memory"), task.followingDrawn(each, 1_000))),
                List.of(Goal.atMost(Metric.RETAINED, DRAWN_CHANNELS, 5 + each * 100 / 1024.0)));
    }

    private static Workload wholeFamily(double scale) {
        Task task = Task.paced(100, 500, WARM_UP, STEADY * scale);
        return new Workload(
                "P",
                List.of(
                        Participant.apart(ONE_CHANNEL, crier(CRIER, "memory"), task),
                        Participant.apart(FAMILY, crier(CRIER, "memory"), task.followingFamily(100_000))),
                List.of(
                        Goal.atMost(Metric.DELAY_P99, FAMILY, 1.2, ONE_CHANNEL),
                        Goal.atMost(Metric.MISSING, FAMILY, 0)));
    }

    private static Workload liveStreams(double scale) {
        Task task = Task.streams(STREAMS, 100, FLOOD_WARM_UP, STEADY * scale);
        return new Workload(
                "Q",
                List.of(
                        Participant.of(crier(CRIER, "memory"), task),
                        Participant.of(new MercurePeer(Transport.LOCAL), task),
                        Participant.of(new StreamFloorPeer(), task)),
                List.of(
                        Goal.atMost(Metric.SERVER_CPU, CRIER, 0.1, MERCURE),
                        Goal.atMost(Metric.SERVER_CPU, STREAM_FLOOR, 0.1, MERCURE),
                        Goal.atMost(Metric.MISSING, CRIER, 0)));
    }

    private static Workload replay() {
        Task task = Task.replay(5_000, FLOOD_WARM_UP);
        return new Workload(
                "R",
                List.of(Participant.of(crier(CRIER, "memory"), task), Participant.of(crier(STORED, "sqlite"), task)),
                List.of(
                        Goal.atMost(Metric.FIRST_EVENT, CRIER, 20),
                        Goal.atMost(Metric.WRITES, CRIER, 19),
                        Goal.atMost(Metric.FIRST_EVENT, STORED, 20),
                        Goal.atMost(Metric.WRITES, STORED, 19)));
    }

    private static Workload storedStreams(double scale) {
        Task task = Task.streams(STREAMS, 0, FLOOD_WARM_UP, STEADY * scale);
        return new Workload(
                "S",
                List.of(
                        Participant.of(crier(CRIER, "memory"), task),
                        Participant.of(crier(STORED, "sqlite"), task),
                        Participant.of(criers(ON_REDIS, Use.ONE), task)),
                List.of(
                        Goal.atLeast(Metric.DELIVERED, STORED, 0.5, CRIER),
                        Goal.atLeast(Metric.DELIVERED, ON_REDIS, 0.5, CRIER),
                        Goal.atMost(Metric.MISSING, STORED, 0),
                        Goal.atMost(Metric.MISSING, ON_REDIS, 0)));
    }

    private static Peer criers(String name, Use use) {
        return new NodesPeer(name, redisPort -> CrierPeer.onRedis(CRIER, redisPort), use);
    }

    private static Peer floors(Use use) {
        return new NodesPeer(SHARED_FLOOR, FloorPeer::new, use);
    }
}
