package org.example;

import dev.crier.Crier;
import dev.crier.auth.Permission;
import dev.crier.event.Event;
import dev.crier.event.PublishException;
import dev.crier.event.StartAt;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Follows the event stream of another server and publishes each event once, also after a restart of either of them.
 *
 * <p>An event is published with a key from its upstream id, so it is stored once if it arrives twice. The id is then published to
 * a channel of its own, from which the next start learns where to go on.
 */
public final class RelayApplication extends VerticleBase {

    private static final String CHANGES = "/changes";
    private static final String POSITION = "/position";

    /** The type of an event that marks a start in the channel of positions. */
    private static final String START = "start";

    private final String url;
    private final String file;
    private Crier crier;

    RelayApplication(String url, String file) {
        this.url = url;
        this.file = file;
    }

    @Override
    public Future<?> start() {
        crier = Crier.create(vertx, conf()).authorizer(RelayApplication::authorize);
        Router router = Router.router(vertx);
        router.route("/live/*").subRouter(crier.router(vertx));
        return crier.start()
                .compose(started -> lastPosition())
                .compose(position -> crier.publish(POSITION, position).map(position))
                .compose(position -> {
                    new Upstream(vertx, url, this::publish).follow(position);
                    return vertx.createHttpServer().requestHandler(router).listen(port());
                })
                .onSuccess(server -> System.out.println("ready: http://localhost:" + server.actualPort() + "/"));
    }

    private JsonObject conf() {
        return new JsonObject()
                .put("log", new JsonObject().put("store", "sqlite").put("file", file))
                .put(
                        "channels",
                        new JsonObject()
                                .put(CHANGES, new JsonObject("{\"keep\": {\"events\": 10000}}"))
                                .put(POSITION, new JsonObject("{\"keep\": {\"events\": 100}}")));
    }

    /** Everyone may read the changes. The positions are for this application only. */
    private static Future<Boolean> authorize(RoutingContext ctx, String channel, Permission permission) {
        return Future.succeededFuture(channel.equals(CHANGES) && permission == Permission.READ);
    }

    /**
     * Returns the upstream id that was published last, or nothing at the first start. Publishes a mark and reads up to it,
     * because a stream does not tell when it has delivered all that was there.
     */
    private Future<String> lastPosition() {
        return crier.publish(POSITION, new Event(START, "")).compose(mark -> {
            Promise<String> found = Promise.promise();
            var last = new AtomicReference<>("");
            var stream = crier.subscribe(POSITION, StartAt.earliest(), entry -> {
                if (entry.id().toString().equals(mark)) {
                    found.tryComplete(last.get());
                } else if (entry.event().type().isEmpty()) {
                    last.set(entry.event().data());
                }
            });
            return found.future().onComplete(done -> stream.handler(null));
        });
    }

    private Future<?> publish(Upstream.Event event) {
        if (!Event.isPublishable(event.type())) {
            return Future.succeededFuture();
        }
        var published = new Event(event.type(), event.data());
        return (event.id().isEmpty()
                        ? crier.publish(CHANGES, published)
                        : crier.publish(CHANGES, published, key(event.id())))
                .recover(RelayApplication::skipIfUseless)
                .compose(stored -> crier.publish(POSITION, event.id()));
    }

    /** Skips an event that Crier will never accept. If the log only cannot store at present, the event is fetched again. */
    private static Future<String> skipIfUseless(Throwable failure) {
        if (failure instanceof PublishException refused
                && refused.reason().code() != PublishException.Reason.UNAVAILABLE.code()) {
            System.out.println("skipped: " + refused.getMessage());
            return Future.succeededFuture();
        }
        return Future.failedFuture(failure);
    }

    /** Returns a key for an upstream id. Ids of other servers may be too long for a key. */
    private static String key(String id) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int port() {
        return Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
    }

    public static void main(String[] args) {
        if (args.length != 2) {
            System.err.println(
                    "arguments: " + args.length + " (expected: 2, the URL of an event stream and the file of the log)");
            return;
        }
        Vertx vertx = Vertx.vertx();
        vertx.deployVerticle(new RelayApplication(args[0], args[1])).onFailure(failure -> {
            System.err.println(failure.getMessage());
            vertx.close();
        });
    }
}
