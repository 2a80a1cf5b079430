package dev.crier.bench.peer;

import dev.crier.bench.load.Payload;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * A stream in Redis through which several floors share their events. One connection adds events, another reads the events of
 * all floors. All fields belong to the event loop of the group.
 */
final class FloorLog {

    private static final String STREAM = "floor";

    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final Channel adding;

    /** @param shown receives the data of every event that is added from now on */
    FloorLog(EventLoopGroup group, int redisPort, Consumer<ByteBuf> shown) throws InterruptedException {
        adding = connect(group, redisPort, new Adding());
        connect(group, redisPort, new Reading(shown));
    }

    private static Channel connect(EventLoopGroup group, int port, SimpleChannelInboundHandler<String> lines)
            throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new LineBasedFrameDecoder(1024), new StringDecoder(), lines);
                    }
                })
                .connect("127.0.0.1", port)
                .sync()
                .channel();
    }

    /** Adds an event, and calls back after Redis has answered. */
    void add(ByteBuf data, Runnable added) {
        waiting.add(added);
        ByteBuf command = ByteBufUtil.writeAscii(adding.alloc(), "XADD " + STREAM + " * d ");
        adding.writeAndFlush(command.writeBytes(data).writeShort('\r' << 8 | '\n'), adding.voidPromise());
    }

    /** Reads the answers of {@code XADD}: a line with the length of the id, and a line with the id. */
    private final class Adding extends SimpleChannelInboundHandler<String> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, String line) {
            if (line.charAt(0) != '$') {
                waiting.poll().run();
            }
        }
    }

    /** Sends {@code XREAD} again and again, and reads the ids and the data from the lines of the answers. */
    private static final class Reading extends SimpleChannelInboundHandler<String> {

        private final Consumer<ByteBuf> shown;
        private String lastId = "$";
        private String lastLine = "";
        private int expected;

        Reading(Consumer<ByteBuf> shown) {
            this.shown = shown;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            read(context);
        }

        private void read(ChannelHandlerContext context) {
            context.writeAndFlush(
                    ByteBufUtil.writeAscii(context.alloc(), "XREAD BLOCK 0 STREAMS " + STREAM + " " + lastId + "\r\n"));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, String line) {
            if (lastLine.equals(STREAM)) {
                expected = Integer.parseInt(line.substring(1));
            } else if (line.length() == Payload.LENGTH) {
                ByteBuf data = ByteBufUtil.writeAscii(context.alloc(), line);
                shown.accept(data);
                data.release();
                expected--;
                if (expected == 0) {
                    read(context);
                }
            } else if (Character.isDigit(line.charAt(0))) {
                lastId = line;
            }
            lastLine = line;
        }
    }
}
