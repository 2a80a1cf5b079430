package dev.crier.limit;

import dev.crier.config.LimitsConf;
import dev.crier.config.TrustedProxies;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all doors together may take, and how much of it is taken. For any thread. */
public final class Limits {

    private static final Logger LOG = LoggerFactory.getLogger(Limits.class);

    /**
     * Approximate heap for each connection. An idle connection takes 4 KiB, and a busy one more. With TLS or HTTP/2, each takes
     * more.
     */
    private static final int CONNECTION_BYTES = 8 << 10;

    private static final int HTTP2_CONNECTION_BYTES = 32 << 10;

    /** The part of the heap that bodies may take. */
    private static final int BODIES_PART = 8;

    private static final long SECOND = 1_000_000_000;

    /** Each address may fail ten verifications a second, which cost less than a hundredth of a processor. */
    private static final long FORGED_NANOS = SECOND / 10;

    /** Failures allowed at once: many clients of one address may come back with expired tokens. */
    private static final int MOST_FORGED = 100;

    /** In units of {@link #FORGED_NANOS}: an address waits for five seconds at most, since honest clients may share it. */
    private static final int MAX_FORGED_WAIT = 50;

    private final LimitsConf conf;
    private final ClientAddress addresses;
    private final LongSupplier nowNanos;
    private final ConnectionLimit connections;
    private final long maxBodyBytes = Runtime.getRuntime().maxMemory() / BODIES_PART;
    private final AtomicLong bodyBytes = new AtomicLong();
    private final AtomicInteger subscribers = new AtomicInteger();
    private final Map<String, Integer> subscribersByAddress = new ConcurrentHashMap<>();

    /** By bearer, when all it has published will have been within its limit. */
    private final Map<String, Long> paidUntil = new ConcurrentHashMap<>();

    /** For each address, the time when its failed verifications will be within the limit. */
    private final Map<String, Long> forgedUntil = new ConcurrentHashMap<>();

    /**
     * @param http2 whether connections may speak HTTP/2 or TLS
     * @param nowNanos a clock that never goes back
     */
    public Limits(LimitsConf conf, TrustedProxies proxies, boolean http2, LongSupplier nowNanos) {
        this.conf = conf;
        this.addresses = new ClientAddress(proxies);
        this.nowNanos = nowNanos;
        int byFiles = OpenFiles.forConnections();
        long byMemory = Runtime.getRuntime().maxMemory() / (http2 ? HTTP2_CONNECTION_BYTES : CONNECTION_BYTES);
        int possible = (int) Math.min(byFiles, byMemory);
        connections = new ConnectionLimit(conf.connections() == 0 ? possible : Math.min(conf.connections(), possible));
        if (conf.connections() > possible) {
            LOG.warn(
                    "limits.connections: {}, but there is room for {}: the process may have {} files open, and its heap is"
                            + " {} MiB at most (expected: a higher limit of open files, or a larger -Xmx)",
                    conf.connections(),
                    possible,
                    OpenFiles.max(),
                    Runtime.getRuntime().maxMemory() >> 20);
        }
    }

    public ConnectionLimit connections() {
        return connections;
    }

    /** Takes room for bytes of a body, if there is enough left for all bodies. {@link #release} returns it. */
    public boolean hold(int bytes) {
        if (bodyBytes.addAndGet(bytes) > maxBodyBytes) {
            bodyBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    public void release(int bytes) {
        bodyBytes.addAndGet(-bytes);
    }

    /** A seat for a reader: there is one, or all are taken, or all of its address. */
    public enum Seat {
        FREE,
        NONE,
        NONE_OF_ADDRESS
    }

    /** From where a request comes, for who reads about it. */
    public String clientOf(HttpServerRequest request) {
        return addresses.of(request);
    }

    /** From where a request comes, as far as it counts: there may be only so many readers of one address. */
    public String addressOf(HttpServerRequest request) {
        return addresses.networkOf(request);
    }

    /** If there is one, {@link #stood} is to be called when its reader is gone. */
    public Seat sat(String address) {
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

    public void stood(String address) {
        subscribers.decrementAndGet();
        subscribersByAddress.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
    }

    /**
     * Takes so many events of what a token may publish: as many as a second allows may come at once, and a batch of more
     * than that when nothing is owed.
     *
     * @return how many seconds it is to wait, and nothing is taken; 0 if it may go on
     */
    public int published(String bearer, int events) {
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
    public void forged(String address) {
        long now = nowNanos.getAsLong();
        long most = now + (MOST_FORGED + MAX_FORGED_WAIT) * FORGED_NANOS;
        forgedUntil.merge(
                address, now + FORGED_NANOS, (until, one) -> Math.min(most, Math.max(until, now) + FORGED_NANOS));
    }

    /** Returns how many seconds the address must wait before a signature is verified for it; 0 if it is below its limit. */
    public int forgedWait(String address) {
        long over = forgedUntil.getOrDefault(address, Long.MIN_VALUE);
        long wait = over == Long.MIN_VALUE ? 0 : over - nowNanos.getAsLong() - MOST_FORGED * FORGED_NANOS;
        return wait > 0 ? (int) ((wait + SECOND - 1) / SECOND) : 0;
    }

    /** Drops the tokens and addresses that are within their limits. Called regularly. */
    public void forget() {
        long now = nowNanos.getAsLong();
        forgedUntil.values().removeIf(until -> until <= now);
        paidUntil.values().removeIf(until -> until <= now);
    }
}
