namespace OpenLedger.Training;

/// <summary>Linear warm-up to the peak, then half a cosine down to a share of it.</summary>
/// <remarks>Loshchilov and Hutter, SGDR (2017), one cycle.</remarks>
readonly record struct LearningRateSchedule(double Peak, double FinalShare, int WarmupSteps, int StepCount)
{
    /// <summary>The rate of a step counted from 0.</summary>
    public double At(int step)
    {
        if (step < WarmupSteps)
        {
            return Peak * (step + 1) / WarmupSteps;
        }

        var progress = Math.Min(1, (step - WarmupSteps) / (double)Math.Max(1, StepCount - WarmupSteps));
        return Peak * (FinalShare + (1 - FinalShare) * (1 + Math.Cos(Math.PI * progress)) / 2);
    }
}
