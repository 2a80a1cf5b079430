package dev.crier.limit;

import dev.crier.config.LimitsConf;
import dev.crier.config.TrustedProxies;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The limits that all event loops of the main listener share. Thread-safe. */
public final class Limits {

    private static final Logger LOG = LoggerFactory.getLogger(Limits.class);

    /**
     * Approximate heap for each connection. An idle connection takes 4 KiB, and a busy one more. With TLS or HTTP/2, each takes
     * more.
     */
    private static final int CONNECTION_BYTES = 8 << 10;

    private static final int HTTP2_CONNECTION_BYTES = 32 << 10;

    /** The bodies of publications may take the heap divided by this. */
    private static final int BODIES_HEAP_DIVISOR = 8;

    /**
     * The forms that subscribers send may take the heap divided by this. They have a limit of their own, because they are read
     * before any token, and so must not take the memory of publications.
     */
    private static final int FORMS_HEAP_DIVISOR = 16;

    /** The names of the channels that subscribers follow over one connection may take the heap divided by this. */
    private static final int CHANNEL_NAMES_HEAP_DIVISOR = 8;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Each address may fail ten verifications a second, which cost less than a hundredth of a processor. */
    private static final long VERIFICATION_COST = SECOND / 10;

    /** Allows a hundred failures at once, because many clients of one address may return with expired tokens. */
    private static final long VERIFICATION_BURST = 100 * VERIFICATION_COST;

    /** An address waits for five seconds at most, because honest clients may share it. */
    private static final long VERIFICATION_MAX_WAIT = 5 * SECOND;

    private final ClientAddress addresses;
    private final ConnectionLimit connections;
    private final ByteLimit bodies = new ByteLimit(Runtime.getRuntime().maxMemory() / BODIES_HEAP_DIVISOR);
    private final ByteLimit forms = new ByteLimit(Runtime.getRuntime().maxMemory() / FORMS_HEAP_DIVISOR);
    private final ByteLimit channelNames = new ByteLimit(Runtime.getRuntime().maxMemory() / CHANNEL_NAMES_HEAP_DIVISOR);
    private final SubscriberLimit subscribers;
    private final int publicationsPerSecond;
    private final RateLimit publications;
    private final RateLimit failedVerifications;

    /**
     * @param http2 whether connections may use HTTP/2 or TLS
     * @param nowNanos a clock that never goes back
     */
    public Limits(LimitsConf conf, TrustedProxies proxies, boolean http2, LongSupplier nowNanos) {
        addresses = new ClientAddress(proxies);
        connections = new ConnectionLimit(maxConnections(conf.connections(), http2));
        subscribers = new SubscriberLimit(conf.subscribers(), conf.subscribersPerAddress());
        publicationsPerSecond = conf.publicationsPerSecond();
        publications = new RateLimit(SECOND, 0, nowNanos);
        failedVerifications = new RateLimit(VERIFICATION_BURST, VERIFICATION_MAX_WAIT, nowNanos);
    }

    /** Returns the configured number, or the number that files and memory allow if that is lower or none is configured. */
    private static int maxConnections(int configured, boolean http2) {
        int byFiles = OpenFiles.forConnections();
        long byMemory = Runtime.getRuntime().maxMemory() / (http2 ? HTTP2_CONNECTION_BYTES : CONNECTION_BYTES);
        int possible = (int) Math.min(byFiles, byMemory);
        if (configured > possible) {
            LOG.warn(
                    "limits.connections: {}, but there is room for {}: the process may have {} files open, and its heap is"
                            + " {} MiB at most (expected: a higher limit of open files, or a larger -Xmx)",
                    configured,
                    possible,
                    OpenFiles.max(),
                    Runtime.getRuntime().maxMemory() >> 20);
        }
        return configured == 0 ? possible : Math.min(configured, possible);
    }

    /** Returns the address of the client, for logs. */
    public String clientOf(HttpServerRequest request) {
        return addresses.of(request);
    }

    /** Returns the address that a client's subscribers and failures are counted by. */
    public String addressOf(HttpServerRequest request) {
        return addresses.networkOf(request);
    }

    public ConnectionLimit connections() {
        return connections;
    }

    /** Returns the limit of the bytes of publications that arrive. */
    public ByteLimit bodies() {
        return bodies;
    }

    /** Returns the limit of the bytes of forms that arrive. */
    public ByteLimit forms() {
        return forms;
    }

    /** Returns the limit of the heap that the names in the channel sets of all subscribers take. */
    public ByteLimit channelNames() {
        return channelNames;
    }

    public SubscriberLimit subscribers() {
        return subscribers;
    }

    /**
     * Counts events that a token publishes, if its rate allows them. One second's events may be published at once, and a larger
     * batch when nothing was published before it.
     *
     * @return seconds to wait, if nothing was counted; 0 if the events may be published
     */
    public int tryPublish(String token, int events) {
        return publicationsPerSecond == 0 ? 0 : publications.tryAdd(token, events * SECOND / publicationsPerSecond);
    }

    /** Takes back events that were counted, because none of them was published. */
    public void notPublished(String token, int events) {
        if (publicationsPerSecond > 0) {
            publications.takeBack(token, events * SECOND / publicationsPerSecond);
        }
    }

    /**
     * Returns how many events a streamed body publishes at once. They take a tenth of a second of the token's rate, so that other
     * publications with the token get their turn.
     */
    public int maxStreamedAtOnce() {
        return publicationsPerSecond == 0 ? Integer.MAX_VALUE : Math.max(1, publicationsPerSecond / 10);
    }

    /** Counts a failed verification against an address. */
    public void verificationFailed(String address) {
        failedVerifications.add(address, VERIFICATION_COST);
    }

    /** Returns how many seconds the address must wait before a signature is verified for it; 0 if it is below its limit. */
    public int verificationWaitSeconds(String address) {
        return failedVerifications.waitSeconds(address);
    }

    /** Drops the tokens and addresses that are within their rates. Called regularly. */
    public void dropExpired() {
        publications.dropExpired();
        failedVerifications.dropExpired();
    }
}
