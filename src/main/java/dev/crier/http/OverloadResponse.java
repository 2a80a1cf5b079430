package dev.crier.http;

import dev.crier.config.Channels;
import dev.crier.config.Conf;
import dev.crier.config.LimitsConf;
import dev.crier.config.SubscribeConf;
import dev.crier.event.ChannelName;
import dev.crier.http.request.Accept;
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
 * Refuses requests for which Crier has no capacity at present.
 *
 * <p>By the HTML standard, an {@code EventSource} never reconnects after a status other than 200. Therefore a subscriber gets a
 * retry stream, which ends at once and says when to reconnect, unless {@code limits.refuse} asks for the status.
 */
public final class OverloadResponse {

    private final boolean sendsRetryStream;
    private final Channels channels;
    private final SubscribeConf subscribe;
    private final RandomGenerator random;
    private final Runnable countTooMany;
    private final Runnable countUnavailable;

    public OverloadResponse(Conf conf, RandomGenerator random, Metrics metrics) {
        this.sendsRetryStream = conf.limits().refuse() == LimitsConf.Refuse.RETRY;
        this.channels = conf.channels();
        this.subscribe = conf.subscribe();
        this.random = random;
        this.countTooMany = metrics.refusals(Problem.TOO_MANY_REQUESTS.status());
        this.countUnavailable = metrics.refusals(Problem.UNAVAILABLE.status());
    }

    /** Refuses any request: a subscriber with {@link #refuseSubscriber}, all others with the problem. */
    public void refuse(RoutingContext ctx, Problem problem, String reason) {
        refuse(ctx, problem, Problem.RETRY_SECONDS, reason);
    }

    /** Refuses any request. Clients other than subscribers may retry after this many seconds. */
    public void refuse(RoutingContext ctx, Problem problem, int seconds, String reason) {
        if (isSubscriber(ctx)) {
            refuseSubscriber(ctx, problem, reason);
        } else {
            problem.failWithRetry(ctx, seconds, reason);
        }
    }

    private boolean isSubscriber(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        HttpMethod method = request.method();
        if (method != HttpMethod.GET && method != HttpMethod.POST
                || !Accept.allowsEventStream(request.headers().getAll(HttpHeaders.ACCEPT))) {
            return false;
        }
        try {
            String path = ChannelPath.of(ctx);
            if (!ChannelName.isValid(path)) {
                return false;
            }
            var name = new ChannelName(path);
            return subscribe.isAt(name)
                    || method == HttpMethod.GET && channels.findChannel(name).isPresent();
        } catch (IllegalArgumentException e) {
            return false; // the path is not valid
        }
    }

    /** Refuses a subscriber. Metrics and the access log record the status that the refusal stands for. */
    void refuseSubscriber(RoutingContext ctx, Problem problem, String reason) {
        if (!sendsRetryStream) {
            problem.failWithRetry(ctx, reason);
            return;
        }
        (problem == Problem.TOO_MANY_REQUESTS ? countTooMany : countUnavailable).run();
        AccessLog.of(ctx).ifPresent(line -> line.refused(problem.status()));
        ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, EventStream.CONTENT_TYPE)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(retryStream(reason));
    }

    /** Returns whether a stream that cannot continue after its head ends with {@link #retryStream}, or is cut. */
    boolean sendsRetryStream() {
        return sendsRetryStream;
    }

    /** Returns a retry stream with the reason and a random wait, so that subscribers do not all reconnect at once. */
    Buffer retryStream(String reason) {
        double seconds = Problem.RETRY_SECONDS * (1 + random.nextDouble());
        return EventStream.refusal(reason, Duration.ofMillis((long) (1_000 * seconds)));
    }
}
