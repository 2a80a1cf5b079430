package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class LeavingTest {

    private static final int CLIENTS = 2_000;

    /** What is needed only until the stream stands. */
    private static final String REQUEST = "io.vertx.ext.web.impl.RoutingContextImpl";

    /** What a client has of its own; its buffers hang on the outbound buffer. */
    private static final List<String> WHAT_COULD_BE_LEFT = List.of(
            "dev.crier.fanout.Subscriber",
            "dev.crier.fanout.ChannelFanout",
            "io.vertx.core.http.impl.http1.Http1ServerResponse",
            "io.vertx.core.http.impl.http1.Http1ServerConnection",
            "dev.crier.transport.SocketWriter",
            "dev.crier.http.SubscribeHandler$Stay",
            "dev.crier.transport.TrackedConnection",
            "io.netty.channel.ChannelOutboundBuffer",
            (Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class).getName(),
            "io.vertx.core.impl.VertxImpl$InternalTimerHandler",
            "io.vertx.core.eventbus.impl.MessageConsumerImpl");

    @Test
    void whenClientsComeAndGoNothingOfThemIsLeft() throws Exception {
        try (var crier = new RunningCrier(
                new JsonObject().put("limits", new JsonObject().put("subscribersPerAddress", CLIENTS)))) {
            comeAndGo(crier, 10); // what is made once, at first use, is not the clients'
            Map<String, Long> before = objects();
            comeAndGo(crier, CLIENTS);
            Eventually.until(
                    () -> "as many objects as before: " + before + ", but " + objects(),
                    () -> noneMore(before, objects()));
            assertEquals(0, crier.subscribers());
        }
    }

    private static void comeAndGo(RunningCrier crier, int count) throws Exception {
        var clients = new ArrayList<RawClient>();
        for (int i = 0; i < count; i++) {
            clients.add(RawClient.request(crier.port(), "GET /currentTime"));
        }
        Eventually.until("all have joined", () -> crier.subscribers() == count);
        for (RawClient client : clients) {
            client.head();
            assertEquals("retry: 2000\n", client.chunk());
            assertTrue(client.chunk().startsWith("data: "));
        }
        Map<String, Long> objects = objects();
        assertTrue(
                WHAT_COULD_BE_LEFT.stream().allMatch(name -> objects.getOrDefault(name, 0L) > 0),
                () -> "the count sees each of them: " + objects);
        assertEquals(0, objects.getOrDefault(REQUEST, 0L), "a stream keeps nothing of its request");
        for (int i = 0; i < count; i++) {
            if (i % 2 == 0) {
                clients.get(i).close();
            } else {
                clients.get(i).reset();
            }
        }
        Eventually.until("all have left", () -> crier.subscribers() == 0);
    }

    private static boolean noneMore(Map<String, Long> before, Map<String, Long> after) {
        return after.entrySet().stream().allMatch(e -> e.getValue() <= before.getOrDefault(e.getKey(), 0L));
    }

    /** The live objects, counted by the virtual machine after a full collection. */
    private static Map<String, Long> objects() {
        try {
            String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            var counts = new TreeMap<String, Long>();
            for (String line : histogram.split("\n")) {
                String[] columns = line.trim().split("\\s+");
                if (columns.length >= 4 && (WHAT_COULD_BE_LEFT.contains(columns[3]) || columns[3].equals(REQUEST))) {
                    counts.merge(columns[3], Long.parseLong(columns[1]), Long::sum);
                }
            }
            return counts;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
