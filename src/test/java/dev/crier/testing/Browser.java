package dev.crier.testing;

import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * A headless Chromium: the installed one, or else one that Selenium downloads. All tests of a process share one, because its
 * start takes seconds.
 */
public final class Browser implements AutoCloseable {

    private static final List<String> BROWSERS =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");
    private static final List<String> DRIVERS = List.of("/usr/bin/chromedriver", "/usr/lib/chromium/chromedriver");

    private static ChromeDriver shared;

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Skips the test if there is no browser. Under CI, that is a failure. */
    public static Browser open() {
        try {
            return new Browser(shared());
        } catch (WebDriverException e) {
            if (Boolean.parseBoolean(System.getenv("CI"))) {
                throw e;
            }
            String reason = "no browser: " + e.getMessage().lines().findFirst().orElse("");
            System.err.println("Tests in a browser are skipped, " + reason);
            Assumptions.abort(reason);
            throw e;
        }
    }

    private static synchronized ChromeDriver shared() {
        if (shared == null) {
            shared = launch();
            Runtime.getRuntime().addShutdownHook(new Thread(shared::quit));
        }
        return shared;
    }

    private static ChromeDriver launch() {
        var logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.WARNING);
        var options = new ChromeOptions();
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--window-size=1280,800");
        options.setCapability("goog:loggingPrefs", logs);
        options.setAcceptInsecureCerts(true); // the tests use self-signed certificates
        var service = new ChromeDriverService.Builder();
        first(BROWSERS).ifPresent(options::setBinary);
        first(DRIVERS).ifPresent(service::usingDriverExecutable);
        return new ChromeDriver(service.build(), options);
    }

    private static Optional<File> first(List<String> paths) {
        return paths.stream().map(File::new).filter(File::canExecute).findFirst();
    }

    public WebDriver driver() {
        return driver;
    }

    public Object run(String script) {
        return driver.executeScript(script);
    }

    /** Sets whether the user prefers reduced motion. */
    public void reduceMotion(boolean reduce) {
        var feature = Map.of("name", "prefers-reduced-motion", "value", reduce ? "reduce" : "no-preference");
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
    }

    /** Sets whether the user prefers "dark" or "light" pages; "" is the default again. */
    public void preferColorScheme(String scheme) {
        var feature = Map.of("name", "prefers-color-scheme", "value", scheme);
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
    }

    /** Emulates a phone with a screen of this size, until {@link #stopEmulation}. */
    public void emulatePhone(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 2, "mobile", true));
    }

    public void stopEmulation() {
        driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }

    /** Returns the warnings of the browser about this address, such as violations of the content security policy. */
    public List<String> warningsAbout(String address) {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::getMessage)
                .filter(message -> message.contains(address))
                .toList();
    }

    /** Leaves the page, which closes its connections, and deletes its cookies. */
    @Override
    public void close() {
        driver.manage().deleteAllCookies();
        driver.get("about:blank");
    }
}
