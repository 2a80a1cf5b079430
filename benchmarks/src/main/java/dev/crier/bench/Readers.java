package dev.crier.bench;

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

/** The readers of one channel, all on one event loop. */
final class Readers {

    /** How many connect at a time: fewer than wait in any server's backlog. */
    private static final int CONNECTING = 400;

    private final Target target;
    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final boolean ids;
    private final List<Reader> readers = new ArrayList<>();
    private int standing;
    private int connecting;
    private int toConnect;
    private long delivered;
    private Samples delays;

    /** @param ids whether readers remember where they are, so that they can come back */
    Readers(Sockets sockets, Target target, boolean ids) {
        this.target = target;
        this.ids = ids;
        this.loop = sockets.reading();
        this.bootstrap = sockets.bootstrap(loop);
    }

    /** Waits until all have been answered. */
    void connect(int count) {
        on(() -> {
            for (int i = 0; i < count; i++) {
                readers.add(new Reader());
            }
            return null;
        });
        connectAll();
        Wait.until("all readers have been answered", () -> on(() -> standing == count));
    }

    /** Each where it was, all at once; does not wait. */
    void comeBack() {
        connectAll();
    }

    private void connectAll() {
        loop.execute(() -> {
            toConnect = readers.size();
            connectSome();
        });
    }

    private void connectSome() {
        while (toConnect > 0 && connecting < CONNECTING) {
            toConnect--;
            connecting++;
            Reader reader = readers.get(toConnect);
            bootstrap
                    .clone()
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(reader.connection());
                        }
                    })
                    .connect("127.0.0.1", target.port())
                    .addListener(connected -> {
                        if (!connected.isSuccess()) {
                            Load.fail(connected.cause());
                        }
                    });
        }
    }

    /** As if a cable were cut; waits until the connections are gone. */
    void cutOff() {
        loop.execute(() -> readers.forEach(Reader::cutOff));
        Wait.until("all readers are cut off", () -> on(() -> standing == 0));
    }

    long delivered() {
        return on(() -> delivered);
    }

    /** Takes the delay of each delivery from now on. */
    void takeDelays() {
        on(() -> delays = new Samples());
    }

    /** The delays taken, in nanoseconds; no more are taken. */
    Samples delays() {
        return on(() -> {
            Samples taken = delays;
            delays = null;
            return taken;
        });
    }

    boolean haveAll(long events) {
        return on(() -> readers.stream().allMatch(reader -> reader.events >= events));
    }

    /** How many deliveries are missing, or too many, and of how many readers the numbers do not add up. */
    long missing(Publishers.Acknowledged published) {
        return on(() -> readers.stream()
                .mapToLong(reader -> Math.abs(published.events() - reader.events)
                        + (reader.events == published.events() && reader.sum != published.sum() ? 1 : 0))
                .sum());
    }

    private <T> T on(Callable<T> question) {
        return Sockets.ask(loop, question);
    }

    private final class Reader implements StreamScanner.Sink {

        private String lastEventId = "";
        private long events;
        private long sum;
        private Channel channel;
        private boolean leaving;

        ChannelInboundHandlerAdapter connection() {
            leaving = false;
            var scanner = new StreamScanner(this, ids);
            return new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext place) {
                    channel = place.channel();
                    place.writeAndFlush(ByteBufUtil.writeAscii(place.alloc(), request()));
                }

                @Override
                public void channelRead(ChannelHandlerContext place, Object message) {
                    var bytes = (ByteBuf) message;
                    scanner.scan(bytes);
                    bytes.release();
                }

                @Override
                public void channelInactive(ChannelHandlerContext place) {
                    standing--;
                    if (!leaving) {
                        Load.fail(new IllegalStateException("the server closed a reader's connection"));
                    }
                }

                @Override
                public void exceptionCaught(ChannelHandlerContext place, Throwable failure) {
                    Load.fail(failure);
                }
            };
        }

        private String request() {
            return "GET " + target.subscribe() + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                    + (lastEventId.isEmpty() ? "" : "Last-Event-ID: " + lastEventId + "\r\n") + "\r\n";
        }

        void cutOff() {
            leaving = true;
            channel.close();
        }

        @Override
        public void head(String head) {
            if (!head.startsWith("HTTP/1.1 200")) {
                throw new IllegalStateException("a subscription was refused: " + head);
            }
            standing++;
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
