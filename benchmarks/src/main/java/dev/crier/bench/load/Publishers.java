package dev.crier.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Publishes numbered events over persistent connections. Each connection waits for the response before it publishes again.
 */
final class Publishers {

    /** The events that the server has acknowledged: their count, and the sum of their numbers. */
    record Acknowledged(long events, long sum) {

        Acknowledged since(Acknowledged earlier) {
            return new Acknowledged(events - earlier.events, sum - earlier.sum);
        }
    }

    /** How many events may be on their way to subscribers if these set the speed. */
    private static final int UNDER_WAY = 4;

    private static final int REFILL_MILLIS = 1;

    private final Endpoint server;
    private final Task task;
    private final int batch;
    private final String body;
    private final EventLoop loop;

    /** The head of each request, from the end of its target up to the value of Content-Length. */
    private final String head;

    private final Deque<Connection> idle = new ArrayDeque<>();
    private final Deque<Long> due = new ArrayDeque<>();
    private final int connections;

    /** The number of channels of the family to publish to, in turn; 0 to publish to the one channel. */
    private int channels;

    /** Returns the number of the first event that may not be published yet, at full speed; 0 otherwise. */
    private LongSupplier limit = () -> 0;

    private boolean closing;
    private Future<?> pace;
    private Future<?> flood;
    private long number;
    private Acknowledged acknowledged = new Acknowledged(0, 0);

    Publishers(EventLoops loops, Endpoint server, Task task) throws Exception {
        this.server = server;
        this.task = task;
        this.channels = task.publishedChannels();
        this.batch = task.batch();
        this.body = server.bodyFor("");
        this.loop = loops.publishing();
        this.connections = task.publishers();
        this.head = " HTTP/1.1\r\nHost: localhost\r\n"
                + server.headers().stream().map(line -> line + "\r\n").collect(Collectors.joining())
                + (batch == 1 ? "" : "Content-Type: application/x-ndjson\r\n")
                + "Content-Length: ";
        Bootstrap bootstrap = loops.bootstrap(loop).handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpResponseDecoder(), new Connection());
            }
        });
        List<Integer> ports = server.publishPorts();
        for (int i = 0; i < connections; i++) {
            bootstrap.connect("127.0.0.1", ports.get(i % ports.size())).sync();
        }
        Wait.until("all publishers are connected", () -> on(() -> idle.size() == connections));
    }

    /** Publishes once to each channel of the family, so that all of them exist, and waits for the responses. */
    void createChannels() {
        loop.execute(() -> channels = task.channels());
        publishNow(task.channels());
        loop.execute(() -> channels = task.publishedChannels());
    }

    /**
     * Publishes at this rate, regardless of how long responses take. A publication that finds no idle connection waits for
     * one; its delay includes that wait.
     */
    void pace(int perSecond) {
        long period = TimeUnit.SECONDS.toNanos(1) / perSecond;
        pace = loop.scheduleAtFixedRate(this::publish, period, period, TimeUnit.NANOSECONDS);
    }

    /** Publishes at full speed: each connection publishes again as soon as it has its response. */
    void flood() {
        floodUpTo(() -> Long.MAX_VALUE);
    }

    /** Publishes as fast as all subscribers receive: only a few events are on their way at a time. */
    void floodWith(Subscribers subscribers, int count) {
        long seen = subscribers.seen();
        long first = on(() -> number);
        floodUpTo(() -> first + (subscribers.seen() - seen) / count + UNDER_WAY);
    }

    private void floodUpTo(LongSupplier limit) {
        loop.execute(() -> this.limit = limit);
        flood = loop.scheduleAtFixedRate(this::refill, 0, REFILL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void refill() {
        while (!idle.isEmpty() && number < limit.getAsLong()) {
            idle.poll().send(System.nanoTime());
        }
    }

    /** Publishes this many times, and waits for the responses. */
    void publishNow(int count) {
        loop.execute(() -> {
            for (int i = 0; i < count; i++) {
                publish();
            }
        });
        awaitResponses();
    }

    /** Stops publishing, and waits for the responses. */
    void stop() {
        loop.execute(() -> limit = () -> 0);
        for (Future<?> running : new Future<?>[] {pace, flood}) {
            if (running != null) {
                running.cancel(false);
            }
        }
        awaitResponses();
    }

    /** Closes the connections of all publishers, none of which may wait for a response. */
    void close() {
        loop.execute(() -> {
            closing = true;
            idle.forEach(connection -> connection.context.close());
        });
    }

    private void awaitResponses() {
        Wait.until("all publications have their response", () -> on(() -> due.isEmpty() && idle.size() == connections));
    }

    Acknowledged acknowledged() {
        return on(() -> acknowledged);
    }

    private <T> T on(Callable<T> callable) {
        return EventLoops.call(loop, callable);
    }

    private void publish() {
        long now = System.nanoTime();
        if (idle.isEmpty()) {
            due.add(now);
        } else {
            idle.poll().send(now);
        }
    }

    private final class Connection extends SimpleChannelInboundHandler<HttpObject> {

        private ChannelHandlerContext context;
        private Acknowledged sent;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            this.context = context;
            idle.add(this);
        }

        private void send(long nanoTime) {
            long first = number;
            number += batch;
            sent = new Acknowledged(batch, LongStream.range(first, number).sum());
            String content = batch == 1
                    ? body + Payload.of(first, nanoTime)
                    : LongStream.range(first, number)
                            .mapToObj(n -> "{\"data\":\"" + Payload.of(n, nanoTime) + "\"}")
                            .collect(Collectors.joining("\n"));
            String target = server.publish() + (channels == 0 ? "" : "/" + first / batch % channels);
            context.writeAndFlush(ByteBufUtil.writeAscii(
                    context.alloc(), "POST " + target + head + content.length() + "\r\n\r\n" + content));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
            if (message instanceof HttpResponse response && response.status().code() / 100 != 2) {
                throw new IllegalStateException("the server refused a publication: " + response.status());
            }
            if (message instanceof LastHttpContent) {
                acknowledged = new Acknowledged(acknowledged.events() + sent.events(), acknowledged.sum() + sent.sum());
                if (!due.isEmpty()) {
                    send(due.poll());
                } else if (number < limit.getAsLong()) {
                    send(System.nanoTime());
                } else {
                    idle.add(this);
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
            LoadClient.fail(failure);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!closing) {
                LoadClient.fail(new IllegalStateException("the server closed the connection of a publisher"));
            }
        }
    }
}
