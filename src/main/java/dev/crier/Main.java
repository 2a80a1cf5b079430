package dev.crier;

import ch.qos.logback.classic.LoggerContext;
import dev.crier.config.ConfException;
import dev.crier.config.ConfFile;
import dev.crier.config.ConsoleConf;
import io.vertx.core.Deployable;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.launcher.application.HookContext;
import io.vertx.launcher.application.VertxApplication;
import io.vertx.launcher.application.VertxApplicationHooks;
import java.util.ArrayList;
import java.util.List;
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

    private static final Set<String> OPTIONS = Set.of("-options", "--options", "-vertx-options", "--vertx-options");

    private static final Pattern CONF = Pattern.compile("--?conf(?:=(.*))?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** Netty's switch for its events in Flight Recorder. */
    private static final String NETTY_RECORDING = "io.netty.jfr.enabled";

    private static final String REJECT_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private String given;
    private final List<String> others = new ArrayList<>();
    private JsonObject conf;
    private MainVerticle crier;

    private Main() {}

    public static void main(String[] args) {
        // the first reader would wait a fifth of a second for Flight Recorder to be loaded, whether anyone records or
        // not
        if (System.getProperty(NETTY_RECORDING) == null) {
            System.setProperty(NETTY_RECORDING, "false");
        }
        // with TLS 1.2, another handshake on a connection costs the server six times what it costs the client
        if (System.getProperty(REJECT_RENEGOTIATION) == null) {
            System.setProperty(REJECT_RENEGOTIATION, "true");
        }
        var main = new Main();
        try {
            main.sort(args);
            main.refuseStrays();
            main.conf = main.given == null ? ConfFile.base() : ConfFile.baseWith(main.given);
            LogLines.follow(ConsoleConf.glance(main.conf), (LoggerContext) LoggerFactory.getILoggerFactory());
        } catch (ConfException e) {
            exit(e);
        }
        new VertxApplication(main.others.toArray(String[]::new), main).launch();
    }

    /** Not by the parser that the launcher has: for this alone, it would take a tenth of the time to start. */
    private void sort(String[] args) {
        var rest = List.of(args).iterator();
        while (rest.hasNext()) {
            String arg = rest.next();
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
        return conf;
    }

    /** The launcher goes on without options that it cannot read, and ends without a word at wrong ones. */
    @Override
    public JsonObject afterVertxOptionsParsed(JsonObject options) {
        if (options == null && others.stream().anyMatch(OPTIONS::contains)) {
            exit(new ConfException("-options: not readable (expected: a JSON object, or a file with one)"));
        }
        var all = new JsonObject().put("preferNativeTransport", true);
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
        context.vertx().close();
    }

    private static void exit(ConfException e) {
        e.problems().forEach(LOG::error);
        System.exit(WRONG_CONF);
    }
}
