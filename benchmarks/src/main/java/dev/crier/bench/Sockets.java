package dev.crier.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SelectStrategy;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.IntSupplier;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Sockets of the load client, by the cheapest way there is: epoll, on event loops of their own. */
final class Sockets implements AutoCloseable {

    /** In nanoseconds: as long as network cards do. */
    private static final long PAUSE = 200_000;

    private final EventLoopGroup reading =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory(0, () -> Sockets::select));
    private final EventLoopGroup publishing = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    /**
     * As a network card that moderates its interrupts: after what has come, it rests before it looks again. Else a server
     * would wake the load client with each packet, on the server's account.
     */
    private static int select(IntSupplier ready, boolean hasTasks) throws Exception {
        if (hasTasks) {
            return ready.get();
        }
        LockSupport.parkNanos(PAUSE);
        int now = ready.get();
        return now > 0 ? now : SelectStrategy.SELECT;
    }

    /** The one of all readers. */
    EventLoop reading() {
        return reading.next();
    }

    /** The one of all publishers. */
    EventLoop publishing() {
        return publishing.next();
    }

    Bootstrap bootstrap(EventLoop loop) {
        return new Bootstrap().group(loop).channel(EpollSocketChannel.class).option(ChannelOption.TCP_NODELAY, true);
    }

    /** What belongs to an event loop is asked for there. */
    static <T> T ask(EventLoop loop, Callable<T> question) {
        try {
            return loop.submit(question).get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        reading.shutdownGracefully();
        publishing.shutdownGracefully();
    }
}
