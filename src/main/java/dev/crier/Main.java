package dev.crier;

import ch.qos.logback.classic.LoggerContext;
import dev.crier.config.ConsoleConf;
import dev.crier.config.file.ConfException;
import dev.crier.config.file.ConfFile;
import dev.crier.config.file.ConfLayers;
import dev.crier.config.file.ProcessInput;
import dev.crier.log.store.LogInUseException;
import dev.crier.logging.LoggingConfigurator;
import io.vertx.core.Deployable;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.launcher.application.HookContext;
import io.vertx.launcher.application.VertxApplication;
import io.vertx.launcher.application.VertxApplicationHooks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts Crier through the launcher of Vert.x, whose options all work. Crier reads {@code -conf} itself, because the launcher
 * starts with an empty configuration if it cannot read one.
 *
 * <p>The class is long because the launcher calls one object at each step of the start and the end.
 */
public final class Main implements VertxApplicationHooks {

    /** Exit status after SIGTERM. The virtual machine's own would be 143. */
    private static final int STOPPED = 0;

    /** Exit status after SIGINT, as shells report it. */
    private static final int INTERRUPTED = 130;

    /** Exit status for a mistake in the configuration or on the command line. */
    private static final int WRONG_CONF = 2;

    /** Exit status if another Crier uses the log. The other may stop soon, so a service manager should try again. */
    private static final int LOG_IN_USE = 1;

    /** Netty's switch for its events in Flight Recorder. */
    private static final String NETTY_RECORDING = "io.netty.jfr.enabled";

    /** Netty's setting for the folder to which it unpacks native libraries. */
    private static final String NETTY_FOLDER = "io.netty.native.workdir";

    private static final String REJECT_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private final CommandLine arguments;
    private final ConfLayers conf;
    private MainVerticle crier;

    private Main(CommandLine arguments, ConfLayers conf) {
        this.arguments = arguments;
        this.conf = conf;
    }

    public static void main(String[] args) {
        setSystemProperties();
        var logging = (LoggerContext) LoggerFactory.getILoggerFactory();
        LoggingConfigurator.startQueue(logging);
        MemoryGuard.start(logging);
        read(args, logging).launch();
    }

    /** Sets properties that the libraries read when they are loaded, except those that the user has set. */
    private static void setSystemProperties() {
        // otherwise the first subscriber waits 200 ms for Flight Recorder to load, even if nothing is recorded
        setDefault(NETTY_RECORDING, "false");
        if (!Files.isWritable(Path.of(System.getProperty("java.io.tmpdir")))) {
            // Netty deletes the native transport as soon as it is loaded
            setDefault(NETTY_FOLDER, Path.of("").toAbsolutePath().toString());
        }
        // in TLS 1.2, a renegotiation costs the server six times what it costs the client
        setDefault(REJECT_RENEGOTIATION, "true");
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** Reads the command line and the configuration. Exits if one is wrong, or if only the version is asked for. */
    private static Main read(String[] args, LoggerContext logging) {
        try {
            var arguments = CommandLine.parse(ProcessInput.arguments(args));
            if (arguments.version()) {
                System.out.println("Crier " + Main.class.getPackage().getImplementationVersion());
                System.exit(STOPPED);
            }
            var conf = ConfFile.load(arguments.conf().orElse(null));
            var main = new Main(arguments, conf);
            try {
                LoggingConfigurator.apply(ConsoleConf.readLeniently(conf.merged()), logging);
            } catch (ConfException e) {
                main.exit(e);
            }
            return main;
        } catch (ConfException e) {
            throw exit(e.errors());
        }
    }

    private void launch() {
        new VertxApplication(arguments.forLauncher().toArray(String[]::new), this).launch();
    }

    @Override
    public JsonObject afterConfigParsed(JsonObject ignored) {
        return conf.merged();
    }

    /** Rejects wrong options. The launcher ignores options that it cannot read, and exits silently at wrong values. */
    @Override
    public JsonObject afterVertxOptionsParsed(JsonObject options) {
        if (options == null && arguments.hasVertxOptions()) {
            exit(new ConfException("-options: not readable (expected: a JSON object, or a file with one)"));
        }
        var all = new JsonObject()
                .put("preferNativeTransport", true)
                // Vert.x would create a cache folder at each start, and Crier serves nothing from the class path by it
                .put("fileSystemOptions", new JsonObject().put("classPathResolvingEnabled", false));
        if (options != null) {
            all.mergeIn(options);
        }
        try {
            crier = new MainVerticle(new VertxOptions(all).getEventLoopPoolSize());
        } catch (RuntimeException e) {
            exit(new ConfException("-options: " + e.getMessage() + " (expected: the JSON of VertxOptions)"));
        }
        return all;
    }

    /** Logs a warning if the native transport does not load. The jar contains it for Linux on x86-64 and aarch64. */
    @Override
    public void afterVertxStarted(HookContext context) {
        boolean isWanted = context.vertxOptions().getPreferNativeTransport();
        if (isWanted
                && !context.vertx().isNativeTransportEnabled()
                && System.getProperty("os.name").equals("Linux")) {
            LOG.warn(
                    "The native transport does not load, so Crier uses Java's, and each delivery costs more: {}"
                            + " (expected: a temporary or working folder that is writable and allows executables)",
                    rootMessage(context.vertx().unavailableNativeTransportCause()));
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return root == null ? "unknown" : root.getMessage();
    }

    @Override
    public Supplier<? extends Deployable> verticleSupplier() {
        Signals.handle("TERM", () -> System.exit(STOPPED));
        Signals.handle("INT", () -> {
            crier.skipDrain();
            System.exit(INTERRUPTED);
        });
        return () -> crier;
    }

    @Override
    public void beforeDeployingVerticle(HookContext context) {
        int instances = context.deploymentOptions().getInstances();
        if (instances != 1) {
            exit(new ConfException(
                    "-instances: " + instances + " (expected: 1; Crier uses every event loop by itself)"));
        }
    }

    /** Exits without the stack trace that the launcher would print. */
    @Override
    public void afterFailureToDeployVerticle(HookContext context, Throwable failure) {
        if (failure instanceof ConfException e) {
            exit(e);
        }
        if (failure instanceof LogInUseException) {
            LOG.error(failure.getMessage());
            System.exit(LOG_IN_USE);
        }
        context.vertx().close();
    }

    /** Flushes again, because shutdown hooks run concurrently: the last lines come after the first flush. */
    @Override
    public void afterVertxStopped(HookContext context) {
        LoggingConfigurator.flush();
    }

    @Override
    public void afterFailureToStopVertx(HookContext context, Throwable failure) {
        LoggingConfigurator.flush();
    }

    /** Logs each problem with the file that it comes from, and exits. */
    private void exit(ConfException e) {
        exit(e.errors().stream().map(conf::withSource).toList());
    }

    /** Never returns. The result type lets a caller write {@code throw exit(…)}, so that the compiler knows. */
    private static IllegalStateException exit(List<String> problems) {
        problems.forEach(LOG::error);
        if (ProcessInput.isAscii() && problems.stream().anyMatch(Main::hasMoreThanAscii)) {
            LOG.error("The locale has only ASCII, so Java cannot open a file whose name has other characters"
                    + " (expected: a locale such as LC_ALL=C.UTF-8)");
        }
        System.exit(WRONG_CONF);
        return new IllegalStateException("exited");
    }

    private static boolean hasMoreThanAscii(String problem) {
        return problem.chars().anyMatch(c -> c > 127);
    }
}
