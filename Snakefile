# The workflow lies in workflow/; its rules are in workflow/rules/, one file a stage.
include: "workflow/Snakefile"
