# lme4 or nlme on one survey and one model; prints one line of JSON. CPU seconds of the fit alone
# and of reading the CSV apart.
#   Rscript fit_one.R lme4 data/L.csv "<formula>" "<columns, comma>" "<nlme: group=slope;...>"
args <- commandArgs(TRUE)
names(args) <- c("program", "file", "formula", "columns", "random")[seq_along(args)]
cpu <- function() sum(proc.time()[1:2])
escape <- function(text) gsub('"', "'", gsub("[\n\\\\]", " ", text))
result <- tryCatch({
  columns <- strsplit(args[["columns"]], ",")[[1]]
  suppressMessages(library(args[["program"]], character.only = TRUE))
  start <- cpu()
  rows <- if (requireNamespace("data.table", quietly = TRUE)) {
    data.table::setDTthreads(1)
    data.table::fread(args[["file"]], select = columns, data.table = FALSE)
  } else {
    read.csv(args[["file"]])[columns]
  }
  invisible(gc())
  middle <- cpu()
  fit <- if (args[["program"]] == "lme4") {
    # without the Hessian by finite differences: the faster form
    lmer(as.formula(args[["formula"]]), rows, REML = FALSE,
         control = lmerControl(calc.derivs = FALSE))
  } else {
    parts <- strsplit(strsplit(args[["random"]], ";")[[1]], "=")
    random <- lapply(parts, function(p) as.formula(paste("~ 1", if (length(p) > 1) paste("+", p[2]))))
    names(random) <- vapply(parts, `[`, "", 1)
    lme(as.formula(args[["formula"]]), rows, random = random, method = "ML")
  }
  end <- cpu()
  peak <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
  sprintf('{"program": "%s", "read": %.4f, "fit": %.4f, "both": %.4f, "value": %.6f, "peak": %.1f, "version": "%s", "repeats": 1}',
          args[["program"]], middle - start, end - middle, end - start, -2 * as.numeric(logLik(fit)),
          as.numeric(gsub("[^0-9]", "", peak)) / 1024, packageVersion(args[["program"]]))
}, error = function(e) {
  sprintf('{"program": "%s", "error": "%s"}', args[["program"]], escape(conditionMessage(e)))
})
cat("\n", result, "\n", sep = "")
