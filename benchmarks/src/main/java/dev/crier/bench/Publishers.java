package dev.crier.bench;

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
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Publishes numbered events over connections that stay open, each of which waits for its answer. */
final class Publishers {

    /** What has been acknowledged: how many events, and the sum of their numbers. */
    record Acknowledged(long events, long sum) {

        Acknowledged since(Acknowledged earlier) {
            return new Acknowledged(events - earlier.events, sum - earlier.sum);
        }
    }

    private final Target target;
    private final int batch;
    private final EventLoop loop;

    /** All before the length of the body. */
    private final String head;

    private final Deque<Connection> idle = new ArrayDeque<>();
    private final Deque<Long> due = new ArrayDeque<>();
    private int connections;
    private boolean flooding;
    private Future<?> pace;
    private long number;
    private Acknowledged acknowledged = new Acknowledged(0, 0);

    /** @param batch how many events each publication has */
    Publishers(Sockets sockets, Target target, int connections, int batch) throws Exception {
        this.target = target;
        this.batch = batch;
        this.loop = sockets.publishing();
        this.connections = connections;
        this.head = "POST " + target.publish() + " HTTP/1.1\r\nHost: localhost\r\n"
                + target.headers().stream().map(line -> line + "\r\n").collect(Collectors.joining())
                + (batch == 1 ? "" : "Content-Type: application/x-ndjson\r\n")
                + "Content-Length: ";
        Bootstrap bootstrap = sockets.bootstrap(loop).handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpResponseDecoder(), new Connection());
            }
        });
        for (int i = 0; i < connections; i++) {
            bootstrap.connect("127.0.0.1", target.port()).sync();
        }
        Wait.until("all publishers are connected", () -> on(() -> idle.size() == this.connections));
    }

    /** So many a second, however long the answers take: what is due and finds no connection free is sent later. */
    void pace(int perSecond) {
        long period = TimeUnit.SECONDS.toNanos(1) / perSecond;
        pace = loop.scheduleAtFixedRate(this::publish, period, period, TimeUnit.NANOSECONDS);
    }

    /** As fast as it goes: each connection publishes again as soon as it is answered. */
    void flood() {
        loop.execute(() -> {
            flooding = true;
            while (!idle.isEmpty()) {
                idle.poll().send(System.nanoTime());
            }
        });
    }

    void publishNow(int count) {
        loop.execute(() -> {
            for (int i = 0; i < count; i++) {
                publish();
            }
        });
        settle();
    }

    /** Publishes no more, and waits for the answers. */
    void stop() {
        loop.execute(() -> flooding = false);
        if (pace != null) {
            pace.cancel(false);
        }
        settle();
    }

    private void settle() {
        Wait.until("all publications are answered", () -> on(() -> due.isEmpty() && idle.size() == connections));
    }

    Acknowledged acknowledged() {
        return on(() -> acknowledged);
    }

    private <T> T on(Callable<T> question) {
        return Sockets.ask(loop, question);
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

        private ChannelHandlerContext place;
        private Acknowledged sent;

        @Override
        public void channelActive(ChannelHandlerContext place) {
            this.place = place;
            idle.add(this);
        }

        private void send(long nanoTime) {
            long first = number;
            number += batch;
            sent = new Acknowledged(batch, LongStream.range(first, number).sum());
            String body = batch == 1
                    ? target.body() + Payload.of(first, nanoTime)
                    : LongStream.range(first, number)
                            .mapToObj(n -> "{\"data\":\"" + Payload.of(n, nanoTime) + "\"}")
                            .collect(Collectors.joining("\n"));
            place.writeAndFlush(ByteBufUtil.writeAscii(place.alloc(), head + body.length() + "\r\n\r\n" + body));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext place, HttpObject answer) {
            if (answer instanceof HttpResponse response && response.status().code() / 100 != 2) {
                throw new IllegalStateException("a publication was refused: " + response.status());
            }
            if (answer instanceof LastHttpContent) {
                acknowledged = new Acknowledged(acknowledged.events() + sent.events(), acknowledged.sum() + sent.sum());
                if (!due.isEmpty()) {
                    send(due.poll());
                } else if (flooding) {
                    send(System.nanoTime());
                } else {
                    idle.add(this);
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext place, Throwable failure) {
            Load.fail(failure);
        }

        @Override
        public void channelInactive(ChannelHandlerContext place) {
            Load.fail(new IllegalStateException("the server closed a publisher's connection"));
        }
    }
}
