package dev.crier;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the operating system asks of the process. The one class for it, on every Java platform, is none of the language's
 * standard, and the compiler has no way to be told that this is known: hence by its name.
 */
final class Signals {

    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /** @param name without SIG in front */
    static void heed(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object heeding = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        action.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), heeding);
        } catch (ReflectiveOperationException e) {
            // as with -Xrs, by which the virtual machine leaves signals to others
            LOG.debug("SIG{} is not heeded: {}", name, String.valueOf(e.getCause()));
        }
    }
}
