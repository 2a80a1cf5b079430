package dev.crier;

import ch.qos.logback.classic.LoggerContext;
import dev.crier.config.ConsoleConf;
import dev.crier.config.file.ConfException;
import dev.crier.config.file.ConfFile;
import dev.crier.config.file.ConfLayers;
import dev.crier.config.file.ProcessText;
import dev.crier.log.LogInUseException;
import dev.crier.logging.LoggingConfigurator;
import io.vertx.core.Deployable;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.launcher.application.HookContext;
import io.vertx.launcher.application.VertxApplication;
import io.vertx.launcher.application.VertxApplicationHooks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts Crier by Vert.x's launcher, whose options all work. It only takes {@code -conf} from it:
 * the launcher goes on with an empty conf where one cannot be read.
 */
public final class Main implements VertxApplicationHooks {

    /** The exit status of who was asked to stop and has; virtual machines have another by themselves. */
    private static final int STOPPED = 0;

    /** The exit status of who was stopped from the keyboard, as shells have it. */
    private static final int INTERRUPTED = 130;

    /** The exit status of a start that the user's conf did not allow. */
    private static final int WRONG_CONF = 2;

    /** Exit status if another Crier has the log: it may stop soon, so a service manager tries again. */
    private static final int LOG_IN_USE = 1;

    private static final Set<String> OPTIONS = Set.of("-options", "--options", "-vertx-options", "--vertx-options");

    private static final Pattern CONF = Pattern.compile("--?conf(?:=(.*))?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final Pattern VERSION = Pattern.compile("--?version", Pattern.CASE_INSENSITIVE);

    /** Netty's switch for its events in Flight Recorder. */
    private static final String NETTY_RECORDING = "io.netty.jfr.enabled";

    /** Netty's setting for the folder to which it unpacks native libraries. */
    private static final String NETTY_FOLDER = "io.netty.native.workdir";

    private static final String REJECT_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private String given;
    private final List<String> others = new ArrayList<>();
    private Optional<ConfLayers> conf = Optional.empty();
    private MainVerticle crier;

    private Main() {}

    public static void main(String[] args) {
        // the first reader would wait a fifth of a second for Flight Recorder to be loaded, whether anyone records or
        // not
        setDefault(NETTY_RECORDING, "false");
        if (!Files.isWritable(Path.of(System.getProperty("java.io.tmpdir")))) {
            // the native transport is unpacked to it; Netty deletes the file as soon as it is loaded
            setDefault(NETTY_FOLDER, Path.of("").toAbsolutePath().toString());
        }
        var lines = (LoggerContext) LoggerFactory.getILoggerFactory();
        LoggingConfigurator.queue(lines);
        MemoryGuard.start(lines);
        // in TLS 1.2, a renegotiation costs the server six times what it costs the client
        setDefault(REJECT_RENEGOTIATION, "true");
        var main = new Main();
        try {
            main.sort(ProcessText.arguments(args));
            main.refuseStrays();
            var conf = ConfFile.load(main.given);
            main.conf = Optional.of(conf);
            LoggingConfigurator.follow(ConsoleConf.glance(conf.merged()), lines);
        } catch (ConfException e) {
            main.exit(e);
        }
        new VertxApplication(main.others.toArray(String[]::new), main).launch();
    }

    /** Not by the parser that the launcher has: for this alone, it would take a tenth of the time to start. */
    private void sort(List<String> args) {
        var rest = args.iterator();
        while (rest.hasNext()) {
            String arg = rest.next();
            if (VERSION.matcher(arg).matches()) {
                System.out.println("Crier " + Main.class.getPackage().getImplementationVersion());
                System.exit(STOPPED);
            }
            Matcher option = CONF.matcher(arg);
            if (!option.matches()) {
                others.add(arg);
            } else if (option.group(1) != null) {
                give(option.group(1));
            } else {
                give(rest.hasNext() ? rest.next() : "");
            }
        }
    }

    private void give(String value) {
        if (given != null || value.isEmpty()) {
            throw new ConfException("-conf: without a value, or twice (expected: once, with a file or a JSON object)");
        }
        given = value;
    }

    /** The launcher would take it for a verticle to start instead of Crier, and say nothing. */
    private void refuseStrays() {
        for (int i = 0; i < others.size(); i++) {
            boolean ofAnOption = i > 0 && others.get(i - 1).startsWith("-");
            if (!others.get(i).startsWith("-") && !ofAnOption) {
                throw new ConfException(others.get(i) + ": unknown (expected: options, such as -conf FILE)");
            }
        }
    }

    @Override
    public JsonObject afterConfigParsed(JsonObject ignored) {
        return conf.orElseThrow().merged();
    }

    /** The launcher goes on without options that it cannot read, and ends without a word at wrong ones. */
    @Override
    public JsonObject afterVertxOptionsParsed(JsonObject options) {
        if (options == null && others.stream().anyMatch(OPTIONS::contains)) {
            exit(new ConfException("-options: not readable (expected: a JSON object, or a file with one)"));
        }
        var all = new JsonObject()
                .put("preferNativeTransport", true)
                // Vert.x serves nothing from the class path, and would make a folder for that at each start
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

    /** Warns if the native transport does not load. The jar has it for Linux on two architectures. */
    @Override
    public void afterVertxStarted(HookContext context) {
        boolean isWanted = context.vertxOptions().getPreferNativeTransport();
        if (isWanted
                && !context.vertx().isNativeTransportEnabled()
                && System.getProperty("os.name").equals("Linux")) {
            LOG.warn(
                    "The native transport does not load, so Crier uses Java's, and each delivery costs more: {}"
                            + " (expected: a temporary or working folder that is writable and allows executables)",
                    reason(context.vertx().unavailableNativeTransportCause()));
        }
    }

    private static String reason(Throwable failure) {
        Throwable reason = failure;
        while (reason != null && reason.getCause() != null) {
            reason = reason.getCause();
        }
        return reason == null ? "unknown" : reason.getMessage();
    }

    @Override
    public Supplier<? extends Deployable> verticleSupplier() {
        Signals.heed("TERM", () -> System.exit(STOPPED));
        Signals.heed("INT", () -> {
            crier.hurry();
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

    /** The launcher would add the stack trace. */
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

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private void exit(ConfException e) {
        List<String> problems = e.problems().stream()
                .map(problem -> conf.map(layers -> layers.located(problem)).orElse(problem))
                .toList();
        problems.forEach(LOG::error);
        if (ProcessText.isAscii() && problems.stream().anyMatch(Main::hasMoreThanAscii)) {
            LOG.error("The locale has only ASCII, so Java cannot open a file whose name has other characters"
                    + " (expected: a locale such as LC_ALL=C.UTF-8)");
        }
        System.exit(WRONG_CONF);
    }

    private static boolean hasMoreThanAscii(String problem) {
        return problem.chars().anyMatch(c -> c > 127);
    }
}
