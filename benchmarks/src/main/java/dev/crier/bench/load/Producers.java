package dev.crier.bench.load;

import dev.crier.bench.load.Publishers.Acknowledged;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Publishes live streams, each over a connection of its own: in one request that lasts, if the server publishes events as they
 * arrive; otherwise with one request for each event, after the response to the one before.
 */
final class Producers {

    /** How many events of a stream may be on their way to its subscriber. */
    private static final int WINDOW = 100;

    private static final int TICK_MILLIS = 1;

    private static final Pattern COUNT = Pattern.compile("\"count\":(\\d+)");

    /** Returns the number of the first event of a stream that may not be published yet. */
    private interface Limit {
        long of(Producer producer);
    }

    private final Endpoint server;
    private final EventLoop loop;
    private final List<Producer> producers = new ArrayList<>();
    private final Future<?> ticks;
    private Limit limit = producer -> 0;

    /** @param streams the number of streams, each in a channel of the family; 1 for a stream in the one channel */
    Producers(EventLoops loops, Endpoint server, int streams) throws InterruptedException {
        this.server = server;
        this.loop = loops.publishing();
        Bootstrap bootstrap = loops.bootstrap(loop);
        for (int i = 0; i < streams; i++) {
            var producer = new Producer(i, streams == 1 ? "" : "/" + i);
            bootstrap
                    .clone()
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new HttpResponseDecoder(), producer);
                        }
                    })
                    .connect("127.0.0.1", server.publishPorts().get(0))
                    .sync();
            producers.add(producer);
        }
        ticks = loop.scheduleAtFixedRate(this::sendDue, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Publishes in each stream at this rate, or more slowly if its subscriber does not receive that fast. The streams take turns,
     * so that their events are spread over the time.
     */
    void pace(Subscribers subscribers, int perSecond) {
        loop.execute(() -> {
            long begin = System.nanoTime();
            limit = producer -> {
                double due = (System.nanoTime() - begin) / 1e9 * perSecond;
                return Math.min(
                        (long) (due + (double) producer.index / producers.size()),
                        subscribers.seen(producer.index) + WINDOW);
            };
        });
    }

    /** Publishes as fast as the subscriber of each stream receives. */
    void flood(Subscribers subscribers) {
        loop.execute(() -> limit = producer -> {
            long seen = subscribers.seen(producer.index);
            return producer.sent - seen > WINDOW / 2 ? producer.sent : seen + WINDOW;
        });
    }

    /** Publishes in each stream until it has this number of events. */
    void publishUpTo(long events) {
        loop.execute(() -> limit = producer -> events);
        Wait.until(
                "all streams have their events",
                () -> on(
                        () -> producers.stream().allMatch(producer -> producer.sent >= events && !producer.isWaiting)));
    }

    /** Stops publishing, and waits for the responses. The streams remain open. */
    void pause() {
        on(() -> limit = producer -> producer.sent);
        Wait.until(
                "all publications have their response",
                () -> on(() -> producers.stream().noneMatch(producer -> producer.isWaiting)));
    }

    /** Ends the streams. Afterwards, {@link #published} returns what the server has acknowledged. */
    void end() {
        pause();
        on(() -> {
            producers.forEach(Producer::end);
            return null;
        });
        Wait.until("all streams have ended", () -> on(() -> producers.stream().allMatch(Producer::isOver)));
        ticks.cancel(false);
    }

    /** Counts from zero again. */
    void restart() {
        on(() -> {
            producers.forEach(Producer::restart);
            return null;
        });
    }

    /** Returns the events of each stream: those that were acknowledged, or sent if the stream is open. */
    List<Acknowledged> published() {
        return on(() -> producers.stream().map(Producer::published).toList());
    }

    private void sendDue() {
        producers.forEach(Producer::sendDue);
    }

    private <T> T on(Callable<T> callable) {
        return EventLoops.call(loop, callable);
    }

    private final class Producer extends SimpleChannelInboundHandler<HttpObject> {

        private final int index;
        private final String head;
        private final String body;
        private final StringBuilder response = new StringBuilder();
        private ChannelHandlerContext context;

        /** The number of events since the last restart, and the sum of their numbers. */
        private long sent;

        private long sum;

        /** The number of events before the last restart, of which the response to a request that lasts has the sum. */
        private long before;

        private boolean isWaiting;
        private boolean isOver;

        Producer(int index, String path) {
            this.index = index;
            this.body = server.bodyFor(path);
            this.head = "POST " + server.publishTo(path) + " HTTP/1.1\r\nHost: localhost\r\n"
                    + server.headers().stream().map(line -> line + "\r\n").collect(Collectors.joining())
                    + (server.streamed()
                            ? "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                            : "Content-Length: " + (body.length() + Payload.SHORT_LENGTH) + "\r\n\r\n");
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            this.context = context;
            if (server.streamed()) {
                context.writeAndFlush(ByteBufUtil.writeAscii(context.alloc(), head));
            }
        }

        void sendDue() {
            long due = limit.of(this) - sent;
            if (due <= 0 || isWaiting || isOver || !context.channel().isWritable()) {
                return;
            }
            ByteBuf bytes = context.alloc().buffer();
            if (server.streamed()) {
                for (int i = 0; i < due; i++) {
                    writeChunk(bytes, "data: " + next() + "\n\n");
                }
            } else {
                ByteBufUtil.writeAscii(bytes, head + body + next());
                isWaiting = true;
            }
            context.writeAndFlush(bytes, context.voidPromise());
        }

        private static void writeChunk(ByteBuf bytes, String content) {
            ByteBufUtil.writeAscii(bytes, Integer.toHexString(content.length()) + "\r\n" + content + "\r\n");
        }

        private String next() {
            sum += sent;
            return Payload.shortOf(sent++);
        }

        void restart() {
            before += sent;
            sent = 0;
            sum = 0;
        }

        void end() {
            if (server.streamed()) {
                context.writeAndFlush(ByteBufUtil.writeAscii(context.alloc(), "0\r\n\r\n"));
            } else {
                isOver = true;
            }
        }

        boolean isOver() {
            return isOver;
        }

        Acknowledged published() {
            return new Acknowledged(sent, sum);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
            if (message instanceof HttpResponse head && head.status().code() / 100 != 2) {
                throw new IllegalStateException("the server refused a publication: " + head.status());
            }
            if (server.streamed() && message instanceof HttpContent content) {
                response.append(content.content().toString(StandardCharsets.US_ASCII));
            }
            if (message instanceof LastHttpContent) {
                isWaiting = false;
                if (server.streamed()) {
                    ended();
                } else {
                    sendDue();
                }
            }
        }

        /** Takes the number of acknowledged events from the response to a request that has ended. */
        private void ended() {
            Matcher count = COUNT.matcher(response);
            if (!count.find()) {
                throw new IllegalStateException("the server did not say how many events it stored: " + response);
            }
            sent = Long.parseLong(count.group(1)) - before;
            isOver = true;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
            LoadClient.fail(failure);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!isOver) {
                LoadClient.fail(new IllegalStateException("the server closed the connection of a producer"));
            }
        }
    }
}
