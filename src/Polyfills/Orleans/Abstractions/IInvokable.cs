namespace Orleans.Serialization.Invocation;

/// <summary>One call's method and arguments.</summary>
public interface IInvokable
{
    int GetArgumentCount();
    object? GetArgument(int index);
    void SetArgument(int index, object value);
}
