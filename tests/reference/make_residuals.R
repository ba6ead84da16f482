# Makes residuals.json: residuals and leverages of lme4, summarised.
#
#   Rscript tests/reference/make_residuals.R FOLDER_OF_REFERENCE_DATA tests/reference/residuals.json

suppressMessages({
  library(lme4)
  library(jsonlite)
})
arguments <- commandArgs(trailingOnly = TRUE)
rows_of <- function(name, text) {
  frame <- read.csv(gzfile(file.path(arguments[1], name, "data.csv.gz")))
  for (column in text) frame[[column]] <- factor(frame[[column]])
  frame
}
exam <- rows_of("exam", c("school", "pupil", "sex", "school_gender"))
egsingle <- rows_of("egsingle", c("school", "pupil", "black", "hispanic", "sex"))
star <- rows_of("star", c("school", "pupil", "grade", "class_type"))
weighted <- droplevels(exam[exam$school %in% as.character(1:20), ])
weighted$w <- 1 + as.integer(as.character(weighted$pupil)) %% 4
few <- sort(unique(as.character(egsingle$school)), method = "radix")[1:14]
data <- list(
  exam_few = droplevels(exam[exam$school %in% as.character(1:20), ]),
  egsingle_few = droplevels(egsingle[egsingle$school %in% few, ]),
  star_few = droplevels(star[star$school %in% as.character(1:25) & !is.na(star$math) &
                             !is.na(star$class_type), ]),
  exam_weighted = weighted
)
models <- list(
  list(set = "exam_few", by = "sex",
       formula = "normexam ~ standlrt * sex + (1 + standlrt | school)"),
  list(set = "egsingle_few", by = "black",
       formula = "math ~ year * black + school_lowinc + (1 + year | school/pupil)"),
  list(set = "star_few", by = "grade",
       formula = "math ~ grade * class_type + (1 | school) + (1 | pupil)"),
  list(set = "exam_weighted", by = "sex", precision = "w",
       formula = "normexam ~ standlrt * sex + (1 + standlrt | school)")
)
tight <- lmerControl(
  optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5),
  check.conv.singular = "ignore"
)
summaries <- lapply(models, function(m) {
  rows <- data[[m$set]]
  rows$precision <- if (is.null(m$precision)) 1 else rows[[m$precision]]
  fit <- lmer(as.formula(m$formula), rows, REML = TRUE, control = tight, weights = precision)
  z <- residuals(fit) * sqrt(rows$precision) / (sigma(fit) * sqrt(1 - hatvalues(fit)))
  by <- lapply(levels(rows[[m$by]]), function(category) {
    own <- rows[[m$by]] == category
    list(category = category, rows = sum(own),
         mean = weighted.mean(residuals(fit)[own], rows$precision[own]),
         sd = sigma(fit) * sqrt(mean(z[own]^2)), beyond = sum(abs(z[own]) > 3))
  })
  middle <- mean(z)
  c(m, list(
    sigma = sigma(fit), mean = middle, sd = sqrt(mean((z - middle)^2)),
    skewness = mean((z - middle)^3) / mean((z - middle)^2)^1.5,
    kurtosis = mean((z - middle)^4) / mean((z - middle)^2)^2 - 3,
    largest = max(abs(z)), leverage = mean(hatvalues(fit)),
    levels = c(0.05, 0.25, 0.5, 0.75, 0.95),
    quantiles = unname(quantile(z, c(0.05, 0.25, 0.5, 0.75, 0.95), type = 1)), groups = by
  ))
})
made_by <- paste("R", getRversion(), "lme4", packageVersion("lme4"))
write_json(list(software = made_by, residuals = summaries), arguments[2], auto_unbox = TRUE,
           digits = I(12), pretty = TRUE)
