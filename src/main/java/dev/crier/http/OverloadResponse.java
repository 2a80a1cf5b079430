package dev.crier.http;

import dev.crier.config.Channels;
import dev.crier.config.LimitsConf;
import dev.crier.event.ChannelName;
import dev.crier.metrics.Metrics;
import dev.crier.sse.EventStream;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Refuses requests for which Crier has no room at present.
 *
 * <p>By the HTML standard, an {@code EventSource} never reconnects after a status other than 200. So a subscriber gets a
 * stream that ends at once and says when to reconnect, unless {@code limits.refuse} asks for the status.
 */
public final class OverloadResponse {

    private final boolean byRetry;
    private final Channels channels;
    private final RandomGenerator random;
    private final Runnable tooMany;
    private final Runnable unavailable;

    public OverloadResponse(LimitsConf conf, Channels channels, RandomGenerator random, Metrics metrics) {
        this.byRetry = conf.refuse() == LimitsConf.Refuse.RETRY;
        this.channels = channels;
        this.random = random;
        this.tooMany = metrics.refusals(Problem.TOO_MANY_REQUESTS.status());
        this.unavailable = metrics.refusals(Problem.UNAVAILABLE.status());
    }

    /** Refuses a subscriber with {@link #subscriber}; fails any other request with the problem. */
    public void any(RoutingContext ctx, Problem problem, String why) {
        any(ctx, problem, Problem.SOON_SECONDS, why);
    }

    /** Does the same. Any other request may be repeated after the given number of seconds. */
    public void any(RoutingContext ctx, Problem problem, int seconds, String why) {
        if (isSubscriber(ctx.request())) {
            subscriber(ctx, problem, why);
        } else {
            problem.failFor(ctx, seconds, why);
        }
    }

    /** Refuses a subscriber. Metrics and the access line record the status that the refusal stands for. */
    void subscriber(RoutingContext ctx, Problem problem, String why) {
        if (!byRetry) {
            problem.failForNow(ctx, why);
            return;
        }
        (problem == Problem.TOO_MANY_REQUESTS ? tooMany : unavailable).run();
        AccessLog.of(ctx).ifPresent(line -> line.refused(problem.status()));
        ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, EventStream.CONTENT_TYPE)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(stream(why));
    }

    /** Whether a stream that has begun and cannot go on ends with {@link #stream}. */
    boolean isByRetry() {
        return byRetry;
    }

    /** Returns the stream of a refused subscriber: the reason and a random wait, so that not all reconnect at once. */
    Buffer stream(String why) {
        return EventStream.refusal(why, Duration.ofMillis((long) (Problem.SOON_MILLIS * (1 + random.nextDouble()))));
    }

    private boolean isSubscriber(HttpServerRequest request) {
        if (request.method() != HttpMethod.GET || !Accept.allowsEventStream(request)) {
            return false;
        }
        try {
            String path = PercentEncoding.decode(request.path());
            return ChannelName.isValid(path)
                    && channels.find(new ChannelName(path)).isPresent();
        } catch (IllegalArgumentException e) {
            return false; // not a valid path
        }
    }
}
