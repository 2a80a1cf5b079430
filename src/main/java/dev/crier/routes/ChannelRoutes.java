package dev.crier.routes;

import dev.crier.auth.TokenAuthorizer;
import dev.crier.config.Conf;
import dev.crier.event.ChannelName;
import dev.crier.fanout.StreamTimeouts;
import dev.crier.fanout.Subscribers;
import dev.crier.http.Access;
import dev.crier.http.AccessGuard;
import dev.crier.http.BodyChecks;
import dev.crier.http.ChannelHandler;
import dev.crier.http.OverloadResponse;
import dev.crier.http.PublishHandler;
import dev.crier.http.PublishStreamHandler;
import dev.crier.http.StopHandler;
import dev.crier.http.SubscribeHandler;
import dev.crier.http.SubscribeSetHandler;
import dev.crier.http.request.BearerToken;
import dev.crier.transport.StreamConnections;
import dev.crier.transport.stream.StreamWriters;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Serves channels on one event loop. Creates the parts, connects them, and starts and stops them. */
public final class ChannelRoutes {

    private final Context context;
    private final SharedParts shared;
    private final Subscribers subscribers;
    private final PublishStreamHandler publishStreams;
    private final ChannelHandler channels;
    private final EventLoopTasks tasks;

    /** The name of the event loop's thread. */
    private volatile String thread = "";

    /**
     * @param context the context of the event loop
     * @param access returns what admits requests. It is given the access by tokens, which it may use, and the response to a request
     *     for which there is no capacity
     * @param connections the connections on which the requests arrive
     */
    public ChannelRoutes(
            Context context,
            SharedParts shared,
            BiFunction<Access, OverloadResponse, Access> access,
            RandomGenerator random,
            OverloadResponse overload,
            StreamConnections connections) {
        this.context = context;
        this.shared = shared;
        Conf conf = shared.conf();
        var bodies = new BodyChecks();
        subscribers = subscribers(random);
        publishStreams = new PublishStreamHandler(shared.log(), conf.publish(), shared.limits(), bodies);
        var writers = new StreamWriters(
                context.owner(), shared.queued(), conf.subscriber().queueBytes(), connections::goAway);
        channels = channels(access.apply(byTokens(overload), overload), overload, connections, writers, bodies);
        tasks = new EventLoopTasks(context, shared, subscribers, publishStreams, bodies, writers);
    }

    private Subscribers subscribers(RandomGenerator random) {
        Conf conf = shared.conf();
        var timeouts = new StreamTimeouts(
                conf.heartbeat(),
                conf.subscriber().stallTimeout(),
                conf.retry(),
                conf.subscriber().maxLifetime());
        return new Subscribers(
                shared.log(), timeouts, SharedParts::nowMillis, random, shared.metrics(), shared.queued()::isFull);
    }

    private Access byTokens(OverloadResponse overload) {
        Conf conf = shared.conf();
        return new AccessGuard(
                new TokenAuthorizer(conf, shared.jwts()),
                shared.limits(),
                overload,
                new BearerToken(conf.read().cookie(), conf.cors()));
    }

    private ChannelHandler channels(
            Access access,
            OverloadResponse overload,
            StreamConnections connections,
            StreamWriters writers,
            BodyChecks bodies) {
        Conf conf = shared.conf();
        var subscribe = new SubscribeHandler(
                subscribers, writers, conf.subscriber().queueBytes(), shared.limits(), overload, connections);
        var subscribeSet = new SubscribeSetHandler(
                conf.channels(),
                conf.limits().channelsPerSubscriber(),
                conf.publish().idleTimeout(),
                shared.limits(),
                overload,
                bodies,
                access,
                subscribe);
        var publish = new PublishHandler(shared.log(), conf.publish(), shared.limits(), bodies, publishStreams);
        var stop = new StopHandler(shared.log(), shared.limits());
        return new ChannelHandler(conf.channels(), conf.subscribe(), access, subscribe, subscribeSet, publish, stop);
    }

    /** Adds the routes to a router of the event loop, after {@link dev.crier.http.ExpectContinue#watch}. Requests that name no channel go on to the routes that follow. */
    public void mount(Router router) {
        router.route().handler(channels);
    }

    /** Returns whether the request is for these routes. Others go on to the routes that follow. */
    public boolean serves(RoutingContext ctx) {
        return channels.serves(ctx);
    }

    /** Begins the recurring work. Called on the context. */
    public void start() {
        thread = Thread.currentThread().getName();
        tasks.start();
        shared.loops().add(this);
    }

    /** Thread-safe. */
    String thread() {
        return thread;
    }

    /** Returns whether the event loop has been blocked for two seconds or longer, and still is. Thread-safe. */
    boolean isBlocked() {
        return tasks.isBlocked();
    }

    /** See {@link Subscribers#byChannel}. Thread-safe. */
    Future<Map<ChannelName, Integer>> subscribers(Predicate<ChannelName> wanted, int max) {
        Promise<Map<ChannelName, Integer>> counted = Promise.promise();
        context.runOnContext(turn -> counted.complete(subscribers.byChannel(wanted, max)));
        return counted.future();
    }

    /** Returns the number of subscribers of this event loop. */
    public int subscribers() {
        return subscribers.count();
    }

    /**
     * Ends all streams over the drain time. They receive events until they end. A publication whose events are stored while
     * they arrive ends at once.
     *
     * @param first the drain time now
     * @param time called regularly, and returns the current drain time, which may change to zero
     */
    public void endStreams(Duration first, Supplier<Duration> time) {
        publishStreams.stop();
        tasks.endStreams(first, time);
    }

    /** Ends what is still open, and the recurring work. Called on the context. */
    public void stop() {
        shared.loops().remove(this);
        tasks.stop();
    }
}
