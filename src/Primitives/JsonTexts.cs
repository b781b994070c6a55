using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenLedger;

/// <summary>Amounts travel in JSON as strings with 18 decimals: a JSON number would be read as floating point.</summary>
sealed class AmountJsonConverter : JsonConverter<Amount>
{
    public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Amount.TryParse(reader.GetString(), out var amount)
            ? amount
            : throw new JsonException("an amount of OPEN is a string of digits with at most 18 decimals");

    public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

sealed class ContentHashJsonConverter : JsonConverter<ContentHash>
{
    public override ContentHash Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && ContentHash.TryParse(reader.GetString(), out var hash)
            ? hash
            : throw new JsonException("a content hash is a string like sha256:… with 64 lower-case hex digits");

    public override void Write(Utf8JsonWriter writer, ContentHash value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

sealed class TransferIdJsonConverter : JsonConverter<TransferId>
{
    public override TransferId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TransferId.TryParse(reader.GetString(), out var id)
            ? id
            : throw new JsonException("a transfer id is a string of 32 lower-case hex digits");

    public override void Write(Utf8JsonWriter writer, TransferId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

sealed class AccountAddressJsonConverter : JsonConverter<AccountAddress>
{
    public override AccountAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && AccountAddress.TryParse(reader.GetString(), out var address)
            ? address
            : throw new JsonException("an account address is a string like acct_… with a checksum");

    public override void Write(Utf8JsonWriter writer, AccountAddress value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
