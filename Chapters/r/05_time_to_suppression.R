# Chapter 05 in R: darunavir (DRV) against efavirenz (EFV) in people who start their first treatment.
# It shapes the monthly records itself and computes the chapter's main table.
#
#   healthgym-edu export art_hiv --layout labelled --out records.csv
#   Rscript 05_time_to_suppression.R records.csv starters.csv
#
# starters.csv has a row for each person who was started on one of the two: PatientID, arm, and
# propensity, how probable that arm was. The records cannot tell who they are, because somebody who
# waits for a first drug already shows the drugs of a later month. In Python, the table of chapter
# 05 writes it: times[["PatientID", "arm", "propensity"]].to_csv("starters.csv", index=False).
# The results go to main_table.csv, beside records.csv. Nobody here is a real person.

library(survival)

files <- commandArgs(trailingOnly = TRUE)
if (length(files) != 2) stop("Say: Rscript 05_time_to_suppression.R records.csv starters.csv")
horizon <- 6 # months

# --- from monthly records to one row per person ---------------------------------------------------

records <- read.csv(files[1])
times <- read.csv(files[2])

low <- records[records$VL < 50, ]
month <- tapply(low$Timestep, low$PatientID, min) # the first month below 50 copies/mL
last <- tapply(records$Timestep, records$PatientID, max)

when <- month[as.character(times$PatientID)] # missing for those who never were
end <- pmin(last[as.character(times$PatientID)], horizon)
times$event <- !is.na(when) & when <= end
times$duration <- ifelse(times$event, when, end)
times <- times[times$duration > 0, ] # suppressed at month 0: not at risk

# --- what they tell -------------------------------------------------------------------------------

told <- list()
say <- function(quantity, value) told[[quantity]] <<- unname(as.numeric(value))

restricted_means <- function(times, weights, name) {
  fit <- survfit(Surv(duration, event) ~ arm, data = times, weights = weights)
  found <- summary(fit, rmean = horizon)$table
  means <- found[, grep("^\\*?rmean$", colnames(found))]
  say(paste("mean DRV", name), means[1])
  say(paste("mean EFV", name), means[2])
  say(paste("mean DRV - EFV", name), means[1] - means[2])
  fit
}

say("people DRV", sum(times$arm == "DRV"))
say("people EFV", sum(times$arm == "EFV"))
fit <- restricted_means(times, NULL, "as they were")
found <- summary(fit, rmean = horizon)$table
errors <- found[, grep("^\\*?se\\(rmean\\)$", colnames(found))]
say("error DRV - EFV as they were", sqrt(sum(errors^2)))

for (month in c(3, 6)) {
  share <- summary(fit, times = month, extend = TRUE)$surv
  say(paste("share DRV not suppressed at", month), share[1])
  say(paste("share EFV not suppressed at", month), share[2])
}

logrank <- survdiff(Surv(duration, event) ~ arm, data = times)
say("log-rank statistic", logrank$chisq)

cox <- coxph(Surv(duration, event) ~ (arm == "DRV"), data = times, ties = "efron")
say("log hazard ratio", coef(cox))
say("its standard error", sqrt(vcov(cox)[1, 1]))

# --- weighted by how probable the arm was ---------------------------------------------------------

weights <- 1 / times$propensity
restricted_means(times, weights, "weighted")

# robust standard error: what each person does to the area under the curve of their arm
variance <- 0
for (arm in c("DRV", "EFV")) {
  own <- times$arm == arm
  one <- survfit(Surv(duration, event) ~ 1, data = times[own, ], weights = weights[own],
                 robust = TRUE, influence = TRUE)
  inside <- one$time < horizon
  width <- diff(c(one$time[inside], horizon))
  variance <- variance + sum((one$influence.surv[, inside, drop = FALSE] %*% width)^2)
}
say("error DRV - EFV weighted", sqrt(variance))

table <- data.frame(quantity = names(told), value = unlist(told))
write.csv(table, file.path(dirname(files[1]), "main_table.csv"), row.names = FALSE)
print(table, row.names = FALSE, digits = 4)
