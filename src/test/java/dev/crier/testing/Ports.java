package dev.crier.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for servers that are stopped and started again, or whose port other programs must know before they start. */
public final class Ports {

    private static final int MIN = 10_000;

    /** Linux takes the ports of connections, and those of servers that ask for any, from 32,768 on. */
    private static final int MAX = 32_767;

    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private Ports() {}

    /** Returns a free port, which the system gives to nobody else while its server is stopped. */
    public static int free() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(MIN, MAX + 1);
            if (GIVEN.add(port)) {
                try (var socket = new ServerSocket(port)) {
                    return socket.getLocalPort();
                } catch (BindException e) {
                    continue; // in use
                }
            }
        }
    }
}
