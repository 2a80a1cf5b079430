package dev.crier.bench;

import dev.crier.bench.MercurePeer.Transport;
import dev.crier.testing.CrierProcess;
import java.util.List;

/**
 * One kind of load, and all who are put under it.
 *
 * @param goals what Crier is to reach
 */
record Work(String letter, List<Entrant> entrants, List<Goal> goals) {

    /** In seconds: until the virtual machines have compiled what they run. */
    private static final double WARM_UP = 24;

    /** In seconds, where all runs as fast as it goes, and so often that it is compiled soon. */
    private static final double FLOOD_WARM_UP = 12;

    /** In seconds: how long a steady load is measured. */
    private static final double STEADY = 6;

    private static final String CRIER = "Crier";
    private static final String ARCHIVED = "Crier with its class data archive";
    private static final String STORED = "Crier with SQLite";
    private static final String BATCHED = "Crier with SQLite, batches of 100";
    private static final String NCHAN = new NchanPeer().name();
    private static final String EXPRESS = new ExpressPeer().name();
    private static final String MERCURE = new MercurePeer(Transport.LOCAL).name();
    private static final String BOLT = new MercurePeer(Transport.BOLT).name();
    private static final String FLOOR = new FloorPeer().name();

    /** With one event loop, as its peers have one worker. */
    private static Peer crier(String name, String store) {
        return new CrierPeer(name, store, 1, List.of());
    }

    /** @param scale by how much longer than usual each is measured */
    static List<Work> all(double scale) {
        return List.of(
                fanOut(scale),
                flood(scale),
                delay(scale),
                idle(),
                growth(scale),
                catchUp(),
                publishing(scale),
                start());
    }

    private static final List<Peer> EVERYONE = List.of(
            crier(CRIER, "memory"),
            new NchanPeer(),
            new ExpressPeer(),
            new MercurePeer(Transport.LOCAL),
            new FloorPeer());

    private static Work fanOut(double scale) {
        Task task = Task.paced(5_000, 5, WARM_UP, STEADY * scale);
        return new Work(
                "A",
                EVERYONE.stream().map(peer -> Entrant.of(peer, task)).toList(),
                List.of(
                        Goal.atMost(Figure.SERVER_CPU, CRIER, 0.85, NCHAN),
                        Goal.atMost(Figure.SERVER_CPU, CRIER, 0.5, EXPRESS),
                        Goal.atMost(Figure.SERVER_CPU, CRIER, 0.4, MERCURE),
                        Goal.atMost(Figure.SERVER_CPU, CRIER, 1.35, FLOOR),
                        // whether who does nothing but send would reach it
                        Goal.atMost(Figure.SERVER_CPU, FLOOR, 0.5, EXPRESS),
                        Goal.atMost(Figure.SERVER_CPU, FLOOR, 0.4, MERCURE)));
    }

    private static Work flood(double scale) {
        Task task = Task.flood(200, 64, 1, FLOOD_WARM_UP, 60 * scale);
        return new Work(
                "B",
                List.of(
                        Entrant.of(crier(CRIER, "memory"), task),
                        Entrant.of(new NchanPeer(), task),
                        Entrant.of(new MercurePeer(Transport.LOCAL), task)),
                List.of(
                        Goal.atLeast(Figure.DELIVERED, CRIER, 3, NCHAN),
                        Goal.atLeast(Figure.DELIVERED, CRIER, 5, MERCURE),
                        Goal.atMost(Figure.MISSING, CRIER, 0)));
    }

    private static Work delay(double scale) {
        Task task = Task.paced(1_000, 50, WARM_UP, STEADY * scale);
        return new Work(
                "C",
                EVERYONE.stream().map(peer -> Entrant.apart(peer, task)).toList(),
                List.of(
                        Goal.atMost(Figure.DELAY_P50, CRIER, 1, NCHAN),
                        Goal.atMost(Figure.DELAY_P50, CRIER, 1, EXPRESS),
                        Goal.atMost(Figure.DELAY_P50, CRIER, 1, MERCURE),
                        Goal.atMost(Figure.DELAY_P99, CRIER, 1, NCHAN),
                        Goal.atMost(Figure.DELAY_P99, CRIER, 1, EXPRESS),
                        Goal.atMost(Figure.DELAY_P99, CRIER, 1, MERCURE)));
    }

    private static Work idle() {
        int readers = 15_000;
        return new Work(
                "D",
                List.of(
                        Entrant.of(crier(CRIER, "memory"), Task.idle(readers)),
                        new Entrant("Crier's heap", crier(CRIER, "memory"), Task.retained(readers)),
                        Entrant.of(new NchanPeer(), Task.idle(readers)),
                        Entrant.of(new MercurePeer(Transport.LOCAL), Task.idle(readers))),
                List.of(
                        Goal.atMost(Figure.RETAINED, "Crier's heap", 5),
                        Goal.atMost(Figure.RESIDENT, CRIER, 1, MERCURE)));
    }

    private static Work growth(double scale) {
        return new Work(
                "E",
                List.of(
                        new Entrant(
                                "1,000 readers", crier(CRIER, "memory"), Task.paced(1_000, 5, WARM_UP, STEADY * scale)),
                        new Entrant(
                                "5,000 readers", crier(CRIER, "memory"), Task.paced(5_000, 5, WARM_UP, STEADY * scale)),
                        new Entrant(
                                "15,000 readers",
                                crier(CRIER, "memory"),
                                Task.paced(15_000, 5, WARM_UP, STEADY * scale))),
                List.of(Goal.atMost(Figure.SERVER_CPU, "15,000 readers", 1.15, "1,000 readers")));
    }

    private static Work catchUp() {
        Task task = Task.catchUp(10_000, 100);
        return new Work(
                "F",
                List.of(
                        Entrant.of(crier(CRIER, "memory"), task),
                        Entrant.of(crier(STORED, "sqlite"), task),
                        Entrant.of(new NchanPeer(), task),
                        Entrant.of(new MercurePeer(Transport.BOLT), task)),
                List.of(
                        Goal.atMost(Figure.CATCH_UP, CRIER, 1, NCHAN),
                        Goal.atMost(Figure.CATCH_UP, CRIER, 1, BOLT),
                        Goal.atMost(Figure.CATCH_UP, STORED, 1, NCHAN),
                        Goal.atMost(Figure.CATCH_UP, STORED, 1, BOLT),
                        Goal.atMost(Figure.MISSING, CRIER, 0)));
    }

    private static Work publishing(double scale) {
        return new Work(
                "G",
                List.of(
                        Entrant.of(crier(STORED, "sqlite"), Task.flood(0, 64, 1, FLOOD_WARM_UP, STEADY * scale)),
                        Entrant.of(crier(BATCHED, "sqlite"), Task.flood(0, 64, 100, FLOOD_WARM_UP, STEADY * scale)),
                        Entrant.of(
                                new MercurePeer(Transport.BOLT), Task.flood(0, 64, 1, FLOOD_WARM_UP, STEADY * scale))),
                List.of(Goal.atLeast(Figure.PUBLISHED, STORED, 10, BOLT)));
    }

    private static Work start() {
        Peer archived = new CrierPeer(ARCHIVED, "memory", 0, List.of("-XX:SharedArchiveFile=" + CrierProcess.ARCHIVE));
        return new Work(
                "H",
                List.of(
                        Entrant.of(new CrierPeer(CRIER, "memory", 0, List.of()), Task.start()),
                        Entrant.of(archived, Task.start())),
                List.of(Goal.atMost(Figure.STARTUP, CRIER, 1), Goal.atMost(Figure.STARTUP, ARCHIVED, 0.5)));
    }
}
