package org.murmuration.driver;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new DoNotIncludeTests())
          .importPackages("org.murmuration");

  @Test
  void shouldKeepTheWorkerFreeOfSparkAndDriver() {
    noClasses()
        .that()
        .resideInAPackage("org.murmuration.worker..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "scala..", "org.murmuration.driver..")
        .check(CLASSES);
  }

  @Test
  void shouldReadHoconInConfOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.murmuration.driver.conf..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.typesafe.config..")
        .check(CLASSES);
  }

  @Test
  void shouldKnowTheCommandLineInCliOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.murmuration.driver.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(CLASSES);
  }

  @Test
  void shouldHaveArrowsThatPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("org.murmuration.driver..")
        .layer("main")
        .definedBy("org.murmuration.driver")
        .layer("cli")
        .definedBy("org.murmuration.driver.cli..")
        .layer("job")
        .definedBy("org.murmuration.driver.job..")
        .layer("spark")
        .definedBy("org.murmuration.driver.spark..")
        .layer("ui")
        .definedBy("org.murmuration.driver.ui..")
        .layer("conf")
        .definedBy("org.murmuration.driver.conf..")
        .whereLayer("main")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("cli")
        .mayOnlyBeAccessedByLayers("main")
        .whereLayer("job")
        .mayOnlyAccessLayers("spark", "ui", "conf")
        .whereLayer("spark")
        .mayNotAccessAnyLayer()
        .whereLayer("ui")
        .mayNotAccessAnyLayer()
        .whereLayer("conf")
        .mayNotAccessAnyLayer()
        .check(CLASSES);
  }
}
