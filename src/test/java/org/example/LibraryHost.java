package org.example;

import dev.crier.Crier;
import dev.crier.config.file.ConfException;
import dev.crier.event.StartAt;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.TimeUnit;

/**
 * An application that uses the library. For each configuration in its arguments, it publishes an event, receives it in process
 * and over HTTP, and prints both. If a configuration is refused, it prints why.
 */
public final class LibraryHost {

    private LibraryHost() {}

    public static void main(String[] args) throws Exception {
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        System.out.println("native transport: " + vertx.isNativeTransportEnabled());
        for (String conf : args) {
            try {
                use(vertx, Crier.create(vertx, new JsonObject(conf)));
            } catch (ConfException e) {
                System.out.println("refused: " + e.getMessage());
            }
        }
        await(vertx.close());
    }

    private static void use(Vertx vertx, Crier crier) throws Exception {
        await(crier.start());
        Promise<String> inProcess = Promise.promise();
        crier.subscribe(
                "/news",
                StartAt.now(),
                entry -> inProcess.complete(entry.event().data()));
        Router router = Router.router(vertx);
        router.route("/live/*").subRouter(crier.router(vertx));
        int port = await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"))
                .actualPort();
        await(crier.publish("/news", "Hello"));
        System.out.println("in process: " + await(inProcess.future()));
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/live/news?lastEventId=earliest"))
                .build();
        try (var lines =
                HttpClient.newHttpClient().send(request, BodyHandlers.ofLines()).body()) {
            System.out.println("over HTTP: "
                    + lines.filter(line -> line.equals("data: Hello"))
                            .findFirst()
                            .orElse("nothing"));
        }
        await(crier.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
