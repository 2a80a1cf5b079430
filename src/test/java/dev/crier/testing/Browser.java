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

/** A real, headless Chromium: the machine's own, or else one that Selenium downloads. */
public final class Browser implements AutoCloseable {

    private static final List<String> BROWSERS =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");
    private static final List<String> DRIVERS = List.of("/usr/bin/chromedriver", "/usr/lib/chromium/chromedriver");

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Where none can be had, the tests are skipped and say so; but under CI that is a failure. */
    public static Browser open() {
        try {
            return new Browser(launch());
        } catch (WebDriverException e) {
            if (Boolean.parseBoolean(System.getenv("CI"))) {
                throw e;
            }
            String reason = "no browser: " + e.getMessage().lines().findFirst().orElse("");
            System.err.println("The tests of the page are skipped, " + reason);
            Assumptions.abort(reason);
            throw e;
        }
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
        options.setAcceptInsecureCerts(true); // those of the tests vouch for themselves
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

    public void reduceMotion(boolean reduce) {
        var feature = Map.of("name", "prefers-reduced-motion", "value", reduce ? "reduce" : "no-preference");
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
    }

    public void beAPhone(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 2, "mobile", true));
    }

    public void beADesktop() {
        driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }

    /** What the browser itself found wrong, such as a breach of the page's security policy. */
    public List<String> complaintsAbout(String address) {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::getMessage)
                .filter(message -> message.contains(address))
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
