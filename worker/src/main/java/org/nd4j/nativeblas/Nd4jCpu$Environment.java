package org.nd4j.nativeblas;

import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;

/**
 * Stands where DL4J 1.0.0-M2.1 looks for ND4J's native environment: its oneDNN layer helpers ask
 * this class by name, by reflection, whether oneDNN may be used, but ND4J has since moved the class
 * to another package. When it is not found, DL4J silently computes convolutions without oneDNN,
 * which is several times slower. Supplying the name is the least intrusive cure: no jar is patched,
 * and a DL4J that looks in the right place never loads this.
 */
public final class Nd4jCpu$Environment {
  private Nd4jCpu$Environment() {}

  /** Called by DL4J through reflection. */
  public static Nd4jCpu$Environment getInstance() {
    return new Nd4jCpu$Environment();
  }

  /** Called by DL4J through reflection; oneDNN was called MKL-DNN when that code was written. */
  public boolean isUseMKLDNN() {
    return Nd4jCpu.Environment.getInstance().isUseONEDNN();
  }
}
