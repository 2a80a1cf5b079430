package dev.crier;

import dev.crier.config.ConfException;
import dev.crier.config.ConfFile;
import io.vertx.core.Deployable;
import io.vertx.core.json.JsonObject;
import io.vertx.launcher.application.HookContext;
import io.vertx.launcher.application.VertxApplication;
import io.vertx.launcher.application.VertxApplicationHooks;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/**
 * Starts Crier by Vert.x's launcher, whose options all work. It only takes {@code -conf} from it:
 * the launcher goes on with an empty conf where one cannot be read.
 */
@Command
public final class Main implements VertxApplicationHooks {

    /** The exit status of a start that the user's conf did not allow. */
    private static final int WRONG_CONF = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    @Option(names = {"-conf", "--conf"})
    private String given;

    @Unmatched
    private final List<String> others = new ArrayList<>();

    private JsonObject conf;
    private int eventLoops;

    private Main() {}

    public static void main(String[] args) {
        var main = new Main();
        new CommandLine(main).setOptionsCaseInsensitive(true).parseArgs(args);
        main.launch();
    }

    private void launch() {
        try {
            conf = given == null ? ConfFile.base() : ConfFile.baseWith(given);
        } catch (ConfException e) {
            exit(e);
        }
        new VertxApplication(others.toArray(String[]::new), this).launch();
    }

    @Override
    public JsonObject afterConfigParsed(JsonObject ignored) {
        return conf;
    }

    @Override
    public JsonObject afterVertxOptionsParsed(JsonObject options) {
        var wished = options == null ? new JsonObject() : options;
        return new JsonObject().put("preferNativeTransport", true).mergeIn(wished);
    }

    @Override
    public void beforeStartingVertx(HookContext context) {
        eventLoops = context.vertxOptions().getEventLoopPoolSize();
    }

    @Override
    public Supplier<? extends Deployable> verticleSupplier() {
        return () -> new MainVerticle(eventLoops);
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
