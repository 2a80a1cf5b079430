package dev.crier.http;

import dev.crier.config.LimitsConf;
import dev.crier.config.TrustedProxies;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all doors together may take, and how much of it is taken. For any thread. */
public final class Limits {

    private static final Logger LOG = LoggerFactory.getLogger(Limits.class);

    /** Of the files that the process may have open, those that are for its log, its pages and its listeners. */
    private static final int RESERVED_FILES = 100;

    private static final int RESERVED_PART = 20;

    private static final long SECOND = 1_000_000_000;

    /** Each address may fail ten verifications a second, which cost less than a hundredth of a processor. */
    private static final long FORGED_NANOS = SECOND / 10;

    /** Failures allowed at once: many clients of one address may come back with expired tokens. */
    private static final int MOST_FORGED = 100;

    private final LimitsConf conf;
    private final ClientAddress addresses;
    private final LongSupplier nowNanos;
    private final int maxConnections;
    private final int reserve;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger subscribers = new AtomicInteger();
    private final List<Connections> doors = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> subscribersByAddress = new ConcurrentHashMap<>();

    /** By bearer, when all it has published will have been within its limit. */
    private final Map<String, Long> paidUntil = new ConcurrentHashMap<>();

    /** By address, when all its failed verifications will have been within the limit. */
    private final Map<String, Long> forgedUntil = new ConcurrentHashMap<>();

    /** @param nowNanos a clock that never goes back */
    public Limits(LimitsConf conf, TrustedProxies proxies, LongSupplier nowNanos) {
        this.conf = conf;
        this.addresses = new ClientAddress(proxies);
        this.nowNanos = nowNanos;
        long files = OpenFiles.max();
        reserve = (int) Math.max(RESERVED_FILES, Math.min(files, Integer.MAX_VALUE) / RESERVED_PART);
        int possible = (int) Math.max(1, Math.min(files, Integer.MAX_VALUE) - reserve);
        maxConnections = conf.connections() == 0 ? possible : Math.min(conf.connections(), possible);
        if (conf.connections() > possible) {
            LOG.warn(
                    "limits.connections: {}, but {} files may be open, so it is {} (expected: a higher limit of open files)",
                    conf.connections(),
                    files,
                    possible);
        }
    }

    /** A place for a connection: to be answered, to be turned away with a word, or not even that. */
    enum Place {
        FREE,
        NONE,
        NO_FILES
    }

    /** Whatever the answer, {@link #disconnected} is to be called when it is gone. */
    Place connected() {
        int count = connections.incrementAndGet();
        if (count <= maxConnections) {
            return Place.FREE;
        }
        return count <= maxConnections + reserve / 2 ? Place.NONE : Place.NO_FILES;
    }

    void disconnected() {
        connections.decrementAndGet();
    }

    /** A seat for a reader: there is one, or all are taken, or all of its address. */
    enum Seat {
        FREE,
        NONE,
        NONE_OF_ADDRESS
    }

    /** From where a request comes, for who reads about it. */
    String clientOf(HttpServerRequest request) {
        return addresses.of(request);
    }

    /** From where a request comes, as far as it counts: there may be only so many readers of one address. */
    String addressOf(HttpServerRequest request) {
        return addresses.networkOf(request);
    }

    /** If there is one, {@link #stood} is to be called when its reader is gone. */
    Seat sat(String address) {
        if (subscribers.incrementAndGet() > conf.subscribers()) {
            subscribers.decrementAndGet();
            return Seat.NONE;
        }
        if (subscribersByAddress.merge(address, 1, Integer::sum) > conf.subscribersPerAddress()) {
            stood(address);
            return Seat.NONE_OF_ADDRESS;
        }
        return Seat.FREE;
    }

    void stood(String address) {
        subscribers.decrementAndGet();
        subscribersByAddress.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
    }

    /**
     * Takes so many events of what a token may publish: as many as a second allows may come at once, and a batch of more
     * than that when nothing is owed.
     *
     * @return how many seconds it is to wait, and nothing is taken; 0 if it may go on
     */
    int published(String bearer, int events) {
        if (conf.publicationsPerSecond() == 0) {
            return 0;
        }
        long now = nowNanos.getAsLong();
        long price = events * SECOND / conf.publicationsPerSecond();
        long[] wait = {0};
        paidUntil.compute(bearer, (same, until) -> {
            long owed = until == null ? 0 : Math.max(0, until - now);
            wait[0] = Math.min(owed, owed + price - SECOND);
            return wait[0] > 0 ? until : Long.valueOf(now + owed + price);
        });
        return wait[0] > 0 ? (int) ((wait[0] + SECOND - 1) / SECOND) : 0;
    }

    /** Counts a failed verification against an address. */
    void forged(String address) {
        long now = nowNanos.getAsLong();
        forgedUntil.merge(address, now + FORGED_NANOS, (until, one) -> Math.max(until, now) + FORGED_NANOS);
    }

    /** Returns for how many seconds no signature is verified for the address; 0 if it is below its limit. */
    int forgedWait(String address) {
        long over = forgedUntil.getOrDefault(address, Long.MIN_VALUE);
        long wait = over == Long.MIN_VALUE ? 0 : over - nowNanos.getAsLong() - MOST_FORGED * FORGED_NANOS;
        return wait > 0 ? (int) ((wait + SECOND - 1) / SECOND) : 0;
    }

    /** Forgets the tokens and addresses that owe nothing; to be called now and then. */
    void forget() {
        long now = nowNanos.getAsLong();
        forgedUntil.values().removeIf(until -> until <= now);
        paidUntil.values().removeIf(until -> until <= now);
    }

    /** Whether there are more connections than there may be. */
    boolean isOver() {
        return connections.get() > maxConnections;
    }

    void share(Connections ofDoor) {
        doors.add(ofDoor);
    }

    void unshare(Connections ofDoor) {
        doors.remove(ofDoor);
    }

    /** Has another door give away the place of a connection that only waits, if one has such. */
    boolean ask(Connections asking) {
        return doors.stream().anyMatch(door -> door != asking && door.asked());
    }
}
