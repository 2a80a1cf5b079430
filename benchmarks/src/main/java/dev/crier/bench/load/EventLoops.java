package dev.crier.bench.load;

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

/** The load client's event loops: one for all subscribers and one for all publishers, both on epoll. */
final class EventLoops implements AutoCloseable {

    /** About as long as a network card delays its interrupts. */
    private static final long PAUSE_NANOS = 200_000;

    private final EventLoopGroup subscribing =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory(0, () -> EventLoops::select));
    private final EventLoopGroup publishing = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    /**
     * Pauses between two selects, like a network card that moderates its interrupts. Otherwise each packet would wake the
     * load client, and the kernel would charge that to the server.
     */
    private static int select(IntSupplier ready, boolean hasTasks) throws Exception {
        if (hasTasks) {
            return ready.get();
        }
        LockSupport.parkNanos(PAUSE_NANOS);
        int now = ready.get();
        return now > 0 ? now : SelectStrategy.SELECT;
    }

    EventLoop subscribing() {
        return subscribing.next();
    }

    EventLoop publishing() {
        return publishing.next();
    }

    Bootstrap bootstrap(EventLoop loop) {
        return new Bootstrap().group(loop).channel(EpollSocketChannel.class).option(ChannelOption.TCP_NODELAY, true);
    }

    /** Calls the callable on the event loop, waits for it, and returns its result. */
    static <T> T call(EventLoop loop, Callable<T> callable) {
        try {
            return loop.submit(callable).get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        subscribing.shutdownGracefully();
        publishing.shutdownGracefully();
    }
}
