package org.example;

import dev.crier.Crier;
import dev.crier.auth.Permission;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import io.vertx.ext.auth.authentication.Credentials;
import io.vertx.ext.auth.authentication.UsernamePasswordCredentials;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.FormLoginHandler;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.ext.web.handler.SessionHandler;
import io.vertx.ext.web.handler.StaticHandler;
import io.vertx.ext.web.sstore.LocalSessionStore;
import java.util.Map;

/** A shop in which customers log in, and see the states of their own orders live. */
public final class OrdersApplication extends VerticleBase {

    /** The passwords of the users. A real application has a login of its own here. */
    private static final Map<String, String> PASSWORDS = Map.of("ann", "secret-of-ann", "bob", "secret-of-bob");

    /** The owners of the orders. */
    private static final Map<String, String> OWNERS = Map.of("41", "bob", "42", "ann", "43", "ann");

    private static final String[] STATES = {"received", "packed", "sent", "delivered"};

    private Crier crier;
    private int steps;

    @Override
    public Future<?> start() {
        crier = Crier.create(vertx, new JsonObject("{\"channels\": {\"/orders/:id\": {\"keep\": \"latest\"}}}"))
                .authorizer(OrdersApplication::authorize);
        return crier.start()
                .compose(started ->
                        vertx.createHttpServer().requestHandler(router()).listen(port()))
                .onSuccess(server -> {
                    vertx.setPeriodic(0, 1000, tick -> proceed());
                    System.out.println("ready: http://localhost:" + server.actualPort() + "/");
                });
    }

    private Router router() {
        Router router = Router.router(vertx);
        router.route()
                .handler(SessionHandler.create(LocalSessionStore.create(vertx))
                        .setCookieHttpOnlyFlag(true)
                        .setCookieSameSite(CookieSameSite.LAX));
        router.post("/login")
                .handler(BodyHandler.create(false))
                .handler(
                        FormLoginHandler.create(OrdersApplication::authenticate).setDirectLoggedInOKURL("/"));
        router.get("/login.html").handler(ctx -> ctx.response().sendFile("pages/login.html"));
        router.route("/live/*").subRouter(crier.router(vertx));
        router.route().handler(OrdersApplication::requireLogin);
        router.get("/orders").handler(OrdersApplication::listOrders);
        router.get().handler(StaticHandler.create("pages"));
        return router;
    }

    private static Future<User> authenticate(Credentials credentials) {
        var given = (UsernamePasswordCredentials) credentials;
        return given.getPassword().equals(PASSWORDS.get(given.getUsername()))
                ? Future.succeededFuture(User.fromName(given.getUsername()))
                : Future.failedFuture("wrong name or password");
    }

    private static void requireLogin(RoutingContext ctx) {
        if (ctx.user() == null) {
            ctx.redirect("/login.html");
        } else {
            ctx.next();
        }
    }

    /** Lets users read the channels of their own orders. The session handler has found the user of the request. */
    private static Future<Boolean> authorize(RoutingContext ctx, String channel, Permission permission) {
        if (ctx.user() == null) {
            return Future.failedFuture(new HttpException(401));
        }
        String order = channel.substring("/orders/".length());
        return Future.succeededFuture(permission == Permission.READ && owns(ctx, order));
    }

    private static boolean owns(RoutingContext ctx, String order) {
        return ctx.user().subject().equals(OWNERS.get(order));
    }

    private static void listOrders(RoutingContext ctx) {
        var own = new JsonArray();
        OWNERS.keySet().stream().filter(order -> owns(ctx, order)).sorted().forEach(own::add);
        ctx.json(own);
    }

    /** Brings all orders into their next state. */
    private void proceed() {
        String state = STATES[steps++ % STATES.length];
        OWNERS.keySet().forEach(order -> crier.publish("/orders/" + order, state));
    }

    private static int port() {
        return Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
    }

    public static void main(String[] args) {
        Vertx vertx = Vertx.vertx();
        vertx.deployVerticle(new OrdersApplication()).onFailure(failure -> {
            System.err.println(failure.getMessage());
            vertx.close();
        });
    }
}
