package dev.crier.bench.load;

import dev.crier.bench.load.Publishers.Acknowledged;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntFunction;

/** All subscribers, on one event loop. All fields except the copies belong to that event loop. */
final class Subscribers {

    /** Missing events are lost if none has arrived for this time. */
    private static final double SILENCE_SECONDS = 5;

    private static final double POLL_SECONDS = 0.25;

    /** Maximum number of connections that are being opened at a time: less than any server's backlog. */
    private static final int MAX_CONNECTING = 400;

    private final Endpoint server;
    private final Task task;
    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final boolean ids;
    private final List<Subscriber> subscribers = new ArrayList<>();
    private int subscribed;
    private int connecting;
    private int toConnect;
    private long delivered;
    private Samples delays;

    /** Copies of {@link #delivered}, and of the number of events of each subscriber, for other threads. */
    private final AtomicLong seen = new AtomicLong();

    private AtomicLongArray seenEach;

    /** @param ids whether subscribers remember their last event id, so that they can resume */
    Subscribers(EventLoops loops, Endpoint server, Task task, boolean ids) {
        this.server = server;
        this.task = task;
        this.ids = ids;
        this.loop = loops.subscribing();
        this.bootstrap = loops.bootstrap(loop);
    }

    /** Adds subscribers, connects them, and waits until each has its response. */
    void connect(int count) {
        seenEach = new AtomicLongArray(count);
        on(() -> {
            for (int i = 0; i < count; i++) {
                subscribers.add(new Subscriber(i));
            }
            return null;
        });
        connectAll();
        Wait.until("all subscribers have their response", () -> on(() -> subscribed == count));
    }

    /** Starts to reconnect all subscribers, each after its last event id. Does not wait. */
    void reconnect() {
        connectAll();
    }

    private void connectAll() {
        loop.execute(() -> {
            toConnect = subscribers.size();
            connectSome();
        });
    }

    private void connectSome() {
        while (toConnect > 0 && connecting < MAX_CONNECTING) {
            toConnect--;
            connecting++;
            Subscriber subscriber = subscribers.get(toConnect);
            bootstrap
                    .clone()
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(subscriber.connection());
                        }
                    })
                    .connect("127.0.0.1", port(toConnect))
                    .addListener(connected -> {
                        if (!connected.isSuccess()) {
                            LoadClient.fail(connected.cause());
                        }
                    });
        }
    }

    private int port(int subscriber) {
        List<Integer> ports = server.subscribePorts();
        return ports.get(subscriber % ports.size());
    }

    /** Closes all connections and waits until they are closed. */
    void disconnect() {
        loop.execute(() -> subscribers.forEach(Subscriber::disconnect));
        Wait.until("all subscribers are disconnected", () -> on(() -> subscribed == 0));
    }

    long delivered() {
        return on(() -> delivered);
    }

    /** Returns about how many events all subscribers have received. Thread-safe, and does not wait. */
    long seen() {
        return seen.get();
    }

    /** Returns about how many events the subscriber with this number has received. Thread-safe, and does not wait. */
    long seen(int subscriber) {
        return seenEach.get(subscriber);
    }

    /** Records the delay of each delivery from now on. */
    void recordDelays() {
        on(() -> delays = new Samples());
    }

    /** Stops recording, and returns the delays in nanoseconds. */
    Samples delays() {
        return on(() -> {
            Samples recorded = delays;
            delays = null;
            return recorded;
        });
    }

    boolean haveAll(long events) {
        return on(() -> subscribers.stream().allMatch(subscriber -> subscriber.events >= events));
    }

    /** Waits until each subscriber has received these events, or until none arrives any more. */
    void awaitDelivery(Acknowledged published) {
        awaitDelivery(subscriber -> published);
    }

    /**
     * Waits until each subscriber has received its events, or until none arrives any more.
     *
     * @param published returns the events of the subscriber with this number
     */
    void awaitDelivery(IntFunction<Acknowledged> published) {
        long last = -1;
        double silence = 0;
        while (!haveAll(published) && silence < SILENCE_SECONDS) {
            long now = delivered();
            silence = now == last ? silence + POLL_SECONDS : 0;
            last = now;
            Wait.forSeconds(POLL_SECONDS);
        }
    }

    private boolean haveAll(IntFunction<Acknowledged> published) {
        return on(() -> subscribers.stream()
                .allMatch(subscriber ->
                        subscriber.events >= published.apply(subscriber.index).events()));
    }

    /**
     * Returns the number of missing and of surplus deliveries. A subscriber with the right count but the wrong sum of numbers
     * adds one.
     */
    long missing(Acknowledged published) {
        return missing(subscriber -> published);
    }

    /**
     * As {@link #missing(Acknowledged)}.
     *
     * @param published returns the events of the subscriber with this number
     */
    long missing(IntFunction<Acknowledged> published) {
        return on(() -> subscribers.stream()
                .mapToLong(subscriber -> subscriber.missing(published.apply(subscriber.index)))
                .sum());
    }

    /** Counts from zero again, after all events have arrived. */
    void restart() {
        on(() -> {
            subscribers.forEach(Subscriber::restart);
            return null;
        });
    }

    private <T> T on(Callable<T> callable) {
        return EventLoops.call(loop, callable);
    }

    private final class Subscriber implements StreamScanner.Sink {

        private final int index;
        private String lastEventId = "";
        private long events;
        private long sum;
        private Channel channel;
        private boolean disconnecting;

        Subscriber(int index) {
            this.index = index;
        }

        ChannelInboundHandlerAdapter connection() {
            disconnecting = false;
            var scanner = new StreamScanner(this, ids);
            return new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext context) {
                    channel = context.channel();
                    context.writeAndFlush(ByteBufUtil.writeAscii(context.alloc(), request()));
                }

                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    var bytes = (ByteBuf) message;
                    scanner.scan(bytes);
                    bytes.release();
                    seen.lazySet(delivered);
                    seenEach.lazySet(index, events);
                }

                @Override
                public void channelInactive(ChannelHandlerContext context) {
                    subscribed--;
                    if (!disconnecting) {
                        LoadClient.fail(new IllegalStateException("the server closed the connection of a subscriber"));
                    }
                }

                @Override
                public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
                    LoadClient.fail(failure);
                }
            };
        }

        long missing(Acknowledged published) {
            boolean isOther = events == published.events() && sum != published.sum();
            return Math.abs(published.events() - events) + (isOther ? 1 : 0);
        }

        void restart() {
            events = 0;
            sum = 0;
            seenEach.lazySet(index, 0);
        }

        private String request() {
            String target = task.following().target(server, task, index);
            return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                    + (lastEventId.isEmpty() ? "" : "Last-Event-ID: " + lastEventId + "\r\n") + "\r\n";
        }

        void disconnect() {
            disconnecting = true;
            channel.close();
        }

        @Override
        public void head(String head) {
            if (!head.startsWith("HTTP/1.1 200")) {
                throw new IllegalStateException("the server refused a subscription: " + head);
            }
            subscribed++;
            connecting--;
            connectSome();
        }

        @Override
        public void id(String id) {
            lastEventId = id;
        }

        @Override
        public void event(long number, long nanoTime) {
            events++;
            sum += number;
            delivered++;
            if (delays != null) {
                delays.add(System.nanoTime() - nanoTime);
            }
        }
    }
}
