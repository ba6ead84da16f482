# Makes inference.json: Kenward-Roger and Satterthwaite tests and profile intervals by R.
#
#   Rscript tests/reference/make_inference.R FOLDER_OF_REFERENCE_DATA tests/reference/inference.json
#
# lme4 profiles the likelihood (ML) whatever the fit; intervals here are of ML fits therefore.

suppressMessages({
  library(lme4)
  library(lmerTest)
  library(pbkrtest)
  library(jsonlite)
})
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]

rows_of <- function(name, text) {
  frame <- read.csv(gzfile(file.path(folder, name, "data.csv.gz")))
  for (column in text) frame[[column]] <- factor(frame[[column]])
  frame
}

sleepstudy <- rows_of("sleepstudy", "subject")
exam <- rows_of("exam", c("school", "pupil", "sex", "school_gender"))
egsingle <- rows_of("egsingle", c("school", "pupil", "black", "hispanic", "sex"))
few <- sort(unique(as.character(egsingle$school)), method = "radix")[1:14]
egsingle_few <- droplevels(egsingle[egsingle$school %in% few, ])
exam_few <- droplevels(exam[exam$school %in% as.character(1:20), ])
dyestuff2 <- rows_of("dyestuff2", "batch")
data <- list(
  sleepstudy = sleepstudy, exam = exam, exam_few = exam_few, egsingle_few = egsingle_few,
  dyestuff2 = dyestuff2
)
tight <- lmerControl(
  optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5),
  check.conv.singular = "ignore"
)

tests <- list(
  c("exam_few", "normexam ~ standlrt * sex + school_gender + (1 + standlrt | school)"),
  c("exam_few", "normexam ~ standlrt + school_gender + (1 | school) + (0 + standlrt | school)"),
  c("egsingle_few", "math ~ year * black + school_lowinc + (1 | school/pupil)"),
  c("egsingle_few", "math ~ year * black + school_lowinc + (1 + year | school/pupil)"),
  c("egsingle_few", "math ~ year + school_lowinc + (1 + year | school) + (1 | school:pupil)"),
  c("dyestuff2", "yield ~ 1 + (1 | batch)")
)

term_rows <- function(fit, ddf) {
  table <- as.data.frame(summary(fit, ddf = ddf)$coefficients)
  lapply(seq_len(nrow(table)), function(i) {
    list(term = rownames(table)[i], se = table[i, 2], df = table[i, 3], p = table[i, 5])
  })
}

joint_tests <- function(fit) {
  assign <- attr(model.matrix(fit), "assign")
  labels <- attr(terms(fit), "term.labels")
  lapply(seq_along(labels), function(k) {
    weights <- diag(length(assign))[assign == k, , drop = FALSE]
    kr <- contestMD(fit, weights, ddf = "Kenward-Roger")
    satt <- contestMD(fit, weights, ddf = "Satterthwaite")
    list(
      term = labels[k],
      kenward_roger = list(df = kr$NumDF, denominator = kr$DenDF, f = kr$`F value`, p = kr$`Pr(>F)`),
      satterthwaite = list(
        df = satt$NumDF, denominator = satt$DenDF, f = satt$`F value`, p = satt$`Pr(>F)`
      )
    )
  })
}

tested <- lapply(tests, function(entry) {
  fit <- lmerTest::lmer(as.formula(entry[2]), data[[entry[1]]], REML = TRUE, control = tight)
  cat(entry, as.character(Sys.time()), "\n")
  list(
    set = entry[1], formula = entry[2], criterion = REMLcrit(fit),
    kenward_roger = term_rows(fit, "Kenward-Roger"),
    satterthwaite = term_rows(fit, "Satterthwaite"), terms = joint_tests(fit)
  )
})

profiles <- list(
  c("sleepstudy", "reaction ~ days + (1 | subject)"),
  c("sleepstudy", "reaction ~ days + (1 + days | subject)"),
  c("sleepstudy", "reaction ~ days + (1 | subject) + (0 + days | subject)"),
  c("exam", "normexam ~ standlrt + (1 + standlrt | school)"),
  c("exam_few", "normexam ~ standlrt + (1 + standlrt | school)"),
  c("egsingle_few", "math ~ year + (1 | school/pupil)"),
  c("egsingle_few", "math ~ year + (1 | school) + (1 + year | school:pupil)"),
  c("dyestuff2", "yield ~ 1 + (1 | batch)")
)

profiled <- lapply(profiles, function(entry) {
  fit <- lme4::lmer(as.formula(entry[2]), data[[entry[1]]], REML = FALSE, control = tight)
  cat(entry, as.character(Sys.time()), "\n")
  curve <- suppressWarnings(profile(fit, which = "theta_", signames = FALSE, delta.cutoff = 1 / 24))
  ends <- suppressWarnings(confint(curve))
  list(
    set = entry[1], formula = entry[2], deviance = deviance(fit),
    intervals = lapply(seq_len(nrow(ends)), function(i) {
      list(name = rownames(ends)[i], lower = ends[i, 1], upper = ends[i, 2])
    })
  )
})

versions <- lapply(c("lme4", "lmerTest", "pbkrtest"), function(p) as.character(packageVersion(p)))
names(versions) <- c("lme4", "lmerTest", "pbkrtest")
out <- list(
  software = c(list(R = paste(R.version$major, R.version$minor, sep = ".")), versions),
  sets = list(
    exam_few = "exam, schools 1 to 20", egsingle_few = "egsingle, first 14 schools by text"
  ),
  tests = tested, profiles = profiled
)
write_json(out, arguments[2], auto_unbox = TRUE, digits = 15, pretty = TRUE)
