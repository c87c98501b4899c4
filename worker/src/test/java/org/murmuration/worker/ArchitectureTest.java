package org.murmuration.worker;

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
          .importPackages("org.murmuration.worker");

  @Test
  void shouldKnowNeitherSparkNorTheDriver() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "scala..", "org.murmuration.driver..")
        .check(CLASSES);
  }

  @Test
  void shouldHaveArrowsThatPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("org.murmuration..")
        .layer("training")
        .definedBy("org.murmuration.worker.training..")
        .layer("collective")
        .definedBy("org.murmuration.worker.collective..")
        .layer("transport")
        .definedBy("org.murmuration.worker.transport..")
        .layer("data")
        .definedBy("org.murmuration.worker.data..")
        .layer("optimizer")
        .definedBy("org.murmuration.worker.optimizer..")
        .layer("model")
        .definedBy("org.murmuration.worker.model..")
        .layer("accel")
        .definedBy("org.murmuration.worker.accel..")
        .layer("health")
        .definedBy("org.murmuration.worker.health..")
        .whereLayer("training")
        .mayOnlyAccessLayers("accel", "collective", "data", "model", "optimizer")
        .whereLayer("optimizer")
        .mayOnlyAccessLayers("model")
        .whereLayer("collective")
        .mayOnlyAccessLayers("transport")
        .whereLayer("model")
        .mayOnlyAccessLayers("accel")
        .whereLayer("health")
        .mayOnlyAccessLayers("accel", "transport")
        .whereLayer("transport")
        .mayNotAccessAnyLayer()
        .whereLayer("data")
        .mayNotAccessAnyLayer()
        .whereLayer("accel")
        .mayNotAccessAnyLayer()
        .ensureAllClassesAreContainedInArchitecture()
        .check(CLASSES);
  }
}
